using GpuActors.Node;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Worker;
using GpuActors.Worker.Diagnosis;
using GpuActors.Worker.Executors.Engine;

// The worker starts its executors from the same program: executor --socket PATH --device PLATFORM/INDEX
if (args.FirstOrDefault() == "executor")
{
    return ExecutorProcess.Run(args.AsSpan(1));
}

// Looks at the machine instead of serving on it: check [--config FILE]
if (args.FirstOrDefault() == "check")
{
    try
    {
        return await WorkerChecks.RunAsync(NodeCommandLine.Parse(args[1..]).ConfigFile, Console.Out);
    }
    catch (ArgumentException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return NodeProcess.BadSettings;
    }
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
