using GpuActors.Node;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Worker;

return await NodeProcess.RunAsync(args, async (config, logs) =>
{
    var node = await WorkerNode.StartAsync(WorkerSettings.From(config), logs, CancellationToken.None);
    Console.WriteLine($"Worker {NodeProcess.Version} runs at {node.RemotingAddress}");
    return (node, new Dictionary<string, string> { ["remoting"] = node.RemotingAddress });
});
