using GpuActors.LocalCluster;

namespace GpuActors.Cluster.Tests;

/// <summary>A cluster with one worker, shared by the tests of a class that do it no harm.</summary>
public sealed class OneWorkerCluster : IAsyncLifetime
{
    public LocalCluster.LocalCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings { Workers = 1 });

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
