using GpuActors.Client;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>Three scheduler nodes on one SQLite file, each lost in some way while jobs are queued and run.</summary>
public sealed class LostSchedulerTests
{
    private static readonly LocalClusterSettings ThreeNodes = new() { Schedulers = 3 };
    private static readonly TimeSpan PatienceLimit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Jobs_outlive_each_scheduler_node_killed_in_turn()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(ThreeNodes);
        using var client = cluster.Client();
        using var patience = new CancellationTokenSource(PatienceLimit);
        await LostProcessTests.SubmitAllAsync(client, patience.Token);
        foreach (var (i, name) in cluster.Schedulers.Keys.ToArray().Index())
        {
            await LostProcessTests.UntilSomeHaveEndedAsync(client, patience.Token, i + 1);
            await cluster.Schedulers[name].Process.KillAsync();
            await cluster.StartSchedulerAsync(name);
        }

        await LostProcessTests.ExpectOneResultEachAsync(cluster, client, patience.Token);
    }
}
