using GpuActors.LocalCluster;

namespace GpuActors.Cluster.Tests;

/// <summary>A worker process that is frozen while its executors go on.</summary>
public sealed class FrozenWorkerTests
{
    [Fact]
    public async Task Executors_of_a_frozen_worker_end_themselves_before_their_slices_are_given_away()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(
            new LocalClusterSettings { ExtraConfig = LostHost.Config });
        using var client = cluster.Client();
        await new LostHost(cluster, client, "frozen").ExpectMoveAsync(
            host => cluster.Workers[host].Pause(), host => cluster.Workers[host].Resume());
    }
}
