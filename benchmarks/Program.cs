using GpuActors.Benchmarks.Actors;
using GpuActors.Benchmarks.Cluster;
using GpuActors.Benchmarks.Jobs;

// Each benchmark prints its figures as name<TAB>value<TAB>unit.
var benchmarks = new Dictionary<string, Func<TextWriter, Task>>(StringComparer.Ordinal)
{
    ["actors"] = ActorBenchmarks.RunAsync,
    ["cluster"] = ClusterBenchmark.RunAsync,
    ["jobs"] = JobsBenchmark.RunAsync,
    ["persistence"] = PersistenceBenchmarks.RunAsync,
    ["remoting"] = RemotingBenchmarks.RunAsync,
};
if (args is [RemotingBenchmarks.EchoNodeArgument])
{
    await RemotingBenchmarks.EchoNodeAsync(Console.Out);
    return 0;
}

if (args is [var name] && benchmarks.TryGetValue(name, out var run))
{
    await run(Console.Out);
    return 0;
}

Console.Error.WriteLine($"Usage: ./bench NAME, where NAME is one of: {string.Join(", ", benchmarks.Keys)}");
return 2;
