using GpuActors.Node;
using GpuActors.Scheduler;
using GpuActors.Shared.Configuration.Settings;

return await NodeProcess.RunAsync(args, async (config, logs) =>
{
    var node = await SchedulerNode.StartAsync(SchedulerSettings.From(config), logs, CancellationToken.None);
    var http = new Uri(node.HttpAddress);
    Console.WriteLine($"Scheduler {NodeProcess.Version} serves: API {node.HttpAddress}, workers {node.RemotingAddress}");
    return (node, new Dictionary<string, string>
    {
        ["http"] = node.HttpAddress,
        ["httpPort"] = $"{http.Port}",
        ["remoting"] = node.RemotingAddress,
        ["remotingPort"] = node.RemotingAddress[(node.RemotingAddress.LastIndexOf(':') + 1)..],
    });
});
