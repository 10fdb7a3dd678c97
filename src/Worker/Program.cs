using GpuActors.Node;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Worker;
using GpuActors.Worker.Executors.Engine;

// The worker starts its executors from the same program: executor --socket PATH --device PLATFORM/INDEX
if (args.FirstOrDefault() == "executor")
{
    return ExecutorProcess.Run(args.AsSpan(1));
}

return await NodeProcess.RunAsync(args, async (config, logs) =>
{
    var node = await WorkerNode.StartAsync(WorkerSettings.From(config), logs, CancellationToken.None);
    Console.WriteLine($"Worker {NodeProcess.Version} runs at {node.RemotingAddress}");
    var facts = new Dictionary<string, string> { ["remoting"] = node.RemotingAddress };
    if (node.MetricsAddress is { } metrics)
    {
        facts["metrics"] = metrics;
    }

    return (node, facts);
});
