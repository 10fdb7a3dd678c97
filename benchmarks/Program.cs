using GpuActors.Benchmarks.Actors;
using GpuActors.Benchmarks.Cluster;
using GpuActors.Benchmarks.Jobs;
using GpuActors.Benchmarks.Placement;
using GpuActors.Benchmarks.Queueing;
using GpuActors.Benchmarks.Remote;
using GpuActors.Benchmarks.Sharing;

// Each benchmark prints its figures as name<TAB>value<TAB>unit.
Func<TextWriter, Task>[] remoting = [RemotingBenchmarks.RunAsync];
Func<TextWriter, Task>[] sharding = [ShardingBenchmarks.RunAsync];
Func<TextWriter, Task>[] persistence = [PersistenceBenchmarks.RunAsync];
var benchmarks = new Dictionary<string, Func<TextWriter, Task>[]>(StringComparer.Ordinal)
{
    ["actors"] = [ActorBenchmarks.RunAsync, .. remoting],
    ["cluster"] = [.. sharding, .. persistence, ClusterBenchmark.RunAsync],
    ["compression"] = [CompressionBenchmark.RunAsync],
    ["gateway"] = [GatewayBenchmark.RunAsync],
    ["jobs"] = [JobsBenchmark.RunAsync],
    ["network"] = [NetworkBenchmark.RunAsync],
    ["persistence"] = persistence,
    ["placement"] = [output => PlacementBenchmark.RunAsync(output, [])],
    ["queueing"] = [QueueingBenchmark.RunAsync],
    ["remote"] = [RemoteBenchmark.RunAsync],
    ["remoting"] = remoting,
    ["sharding"] = sharding,
    ["sharing"] = [SharingBenchmark.RunAsync],
};
if (args is [RemotingBenchmarks.EchoNodeArgument])
{
    await RemotingBenchmarks.EchoNodeAsync(Console.Out);
    return 0;
}

if (args is [ShardingBenchmarks.EntityNodeArgument, var file])
{
    await ShardingBenchmarks.EntityNodeAsync(Console.Out, file);
    return 0;
}

if (args is ["placement", .. { Length: > 0 } policies])
{
    await PlacementBenchmark.RunAsync(Console.Out, policies);
    return 0;
}

if (args is [var name] && benchmarks.TryGetValue(name, out var parts))
{
    foreach (var run in parts)
    {
        await run(Console.Out);
    }

    return 0;
}

Console.Error.WriteLine($"Usage: ./bench NAME, where NAME is one of: {string.Join(", ", benchmarks.Keys)}");
return 2;
