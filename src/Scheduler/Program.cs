using GpuActors.Actors.Runtime;
using GpuActors.Node;
using GpuActors.Scheduler;
using GpuActors.Scheduler.Simulation.Commands;
using GpuActors.Shared.Configuration.Settings;

if (SimulationProgram.IsMeant(args))
{
    return SimulationProgram.Run(args, Console.Out, Console.Error, new ProductionRuntime().Time);
}

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
