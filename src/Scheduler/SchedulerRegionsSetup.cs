using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler;

/// <summary>Makes the regions in which the scheduler's actors live.</summary>
public static class SchedulerRegionsSetup
{
    /// <summary>Shards of each kind in a real cluster; a cluster keeps the number that it began with.</summary>
    public const int Shards = 128;

    /// <summary>Starts all regions in <paramref name="system"/> and notes them in <paramref name="regions"/>.</summary>
    /// <param name="blobAddress">Where workers reach the HTTP API.</param>
    /// <param name="shards">Shards of each kind: the same on all nodes, for ever.</param>
    public static void Start(
        ActorSystem system,
        SchedulerRegions regions,
        IEventStore store,
        SchedulerSettings settings,
        string blobAddress,
        int shards = Shards)
    {
        regions.Pool = settings.Pool;
        var policy = settings.PlacementPolicy;
        var hosts = new HostSettings(settings.Pool, settings.HostLease, settings.HostLeaseMargin, blobAddress);
        regions.Cells = Region(system, shards, "cells", _ => null, Always("cells"), cell =>
            Props.Create(() => new PlacementActor(cell, regions, policy, settings.Models)));
        regions.Queues = Region(system, shards, "queues", _ => null, Always("queues"), pool =>
            Props.Create(() => new QueueActor(pool, regions, settings.Queues, settings.Models)));
        regions.Sessions = Region(
            system,
            shards,
            "sessions",
            m => (m as ISessionMessage)?.Session,
            _ => OpenEntities.Of(store, SessionActor.IndexKind, SessionActor.InteractiveIndexKind),
            session => Props.Create(() => new SessionActor(session, regions, settings.Session, settings.Queues)));
        regions.Hosts = Region(
            system,
            shards,
            "hosts",
            m => (m as IHostMessage)?.Host,
            _ => OpenEntities.Of(store, HostActor.IndexKind),
            host => Props.Create(() => new HostActor(host, regions, hosts)));

        Func<IMessageExtractor, RememberedEntities> Always(string typeName) =>
            extractor => OpenEntities.Always(typeName, extractor, settings.Pool);
    }

    private static IActorRef Region(
        ActorSystem system,
        int shards,
        string name,
        Func<object, string?> entityId,
        Func<IMessageExtractor, RememberedEntities> remembered,
        Func<string, Props> entityProps)
    {
        var extractor = HashCodeMessageExtractor.Create(shards, entityId);
        var settings = ClusterShardingSettings.Create(system).WithRememberEntities(remembered(extractor));
        return ClusterSharding.Get(system).Start(name, entityProps, settings, extractor);
    }
}
