using GpuActors.Actors;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Remoting;
using GpuActors.Node;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Scheduler;

/// <summary>
/// A scheduler's actors on a system that has its store: what a node process and a simulated one start alike.
/// </summary>
internal static class SchedulerActors
{
    /// <summary>Makes the scheduler's events and messages known; before <see cref="StartAsync"/>.</summary>
    public static void RegisterEvents(ActorSystem system)
    {
        foreach (var (manifest, type) in SchedulerEvents.All.Concat(SchedulerMessages.All))
        {
            system.Serialization.Register(manifest, type);
        }

        system.Serialization.Register("job.state-event.v2", new JobEventCodec<JobStateEvent>(JobStateEvent.Name));
        system.Serialization.Register("job.progress-event.v2", new JobEventCodec<JobProgressEvent>(JobProgressEvent.Name));
        system.Serialization.Register("job.log-event.v2", new JobEventCodec<JobLogEvent>(JobLogEvent.Name));
    }

    /// <summary>
    /// Joins the cluster and starts the regions. When the task is done, this node is up and <paramref name="regions"/>
    /// are ready; what was open is started by whoever owns its shard.
    /// </summary>
    /// <param name="node">This node's own right to write.</param>
    /// <param name="httpAddress">Where clients and workers reach this node's HTTP API.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="shards">Shards of each kind; a simulation needs fewer.</param>
    /// <exception cref="NodeTakenOverException">Another process has taken this node's name meanwhile.</exception>
    public static async Task StartAsync(
        ActorSystem system,
        IClusterStore store,
        SchedulerRegions regions,
        SchedulerSettings settings,
        OwnershipToken node,
        string httpAddress,
        CancellationToken cancellationToken,
        int shards = SchedulerRegionsSetup.Shards)
    {
        await system.StartRemotingAsync(
            NodeActors.Remoting(settings.Remoting, settings.Security.Secret), cancellationToken);
        var fence = system.ActorOf(Props.Create(() => new NodeFence(node, regions)), "node-fence");
        system.EventStream.Subscribe<OwnershipLost>(fence); // here, so that nothing is missed while it starts
        var cluster = system.UseCluster(store, Membership(settings.Cluster, httpAddress) with { NodeScope = node });
        SchedulerRegionsSetup.Start(system, regions, store, settings, httpAddress, shards);
        await Task.WhenAny(cluster.WhenUp, regions.TakenOver).WaitAsync(cancellationToken);
        regions.Ready = true;
        if (regions.TakenOver.IsCompleted)
        {
            throw new NodeTakenOverException(await regions.TakenOver);
        }
    }

    private static ClusterSettings Membership(ClusterMemberSettings settings, string httpAddress) => new()
    {
        AppVersion = NodeProcess.Version,
        HttpAddress = httpAddress,
        Lease = settings.Lease,
        RenewInterval = settings.RenewInterval,
        LeaseMargin = settings.LeaseMargin,
        StoreTimeout = settings.StoreTimeout,
        UnreachableAfter = settings.UnreachableAfter,
        RemoveAfter = settings.RemoveAfter,
    };
}
