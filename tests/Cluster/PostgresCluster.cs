using GpuActors.LocalCluster;

namespace GpuActors.Cluster.Tests;

/// <summary>Three scheduler nodes on PostgreSQL and three workers; whoever harms it puts it right again.</summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    public LocalCluster.LocalCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
    {
        Schedulers = 3,
        Workers = 3,
        Store = ClusterStore.Postgres,
        ExtraConfig = "gpuactors.worker.executors { prestart = 1, max = 4 }, gpuactors.worker.slots = 4",
    });

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Starts again what a test that failed has left dead or frozen.</summary>
    public async Task RestoreAsync()
    {
        foreach (var (name, scheduler) in Cluster.Schedulers.ToArray())
        {
            scheduler.Process.Resume();
            if (scheduler.Process.HasExited)
            {
                await Cluster.StartSchedulerAsync(name);
            }
        }

        foreach (var (name, worker) in Cluster.Workers.ToArray().Where(worker => worker.Value.HasExited))
        {
            await Cluster.StartWorkerAsync(name);
        }
    }
}
