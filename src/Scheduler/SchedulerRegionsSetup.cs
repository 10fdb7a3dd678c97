using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
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
    private const int Shards = 128;

    /// <summary>How often the first of a queue that finds no room may be passed by others.</summary>
    private const int PassLimit = 100;

    /// <summary>Starts all regions in <paramref name="system"/> and notes them in <paramref name="regions"/>.</summary>
    /// <param name="blobAddress">Where workers reach the HTTP API.</param>
    public static void Start(
        ActorSystem system, SchedulerRegions regions, SchedulerSettings settings, string blobAddress)
    {
        regions.Pool = settings.Pool;
        var policy = PlacementPolicies.Named(settings.PlacementPolicy);
        var hosts = new HostSettings(settings.Pool, settings.HostLease, settings.HostLeaseMargin, blobAddress);
        regions.Cells = Region(system, "cells", _ => null, cell =>
            Props.Create(() => new PlacementActor(cell, regions, policy)));
        regions.Queues = Region(system, "queues", _ => null, pool =>
            Props.Create(() => new QueueActor(pool, regions, PassLimit)));
        regions.Sessions = Region(system, "sessions", m => (m as ISessionMessage)?.Session, session =>
            Props.Create(() => new SessionActor(session, regions, settings.Session)));
        regions.Hosts = Region(system, "hosts", m => (m as IHostMessage)?.Host, host =>
            Props.Create(() => new HostActor(host, regions, hosts)));
    }

    private static IActorRef Region(
        ActorSystem system, string name, Func<object, string?> entityId, Func<string, Props> entityProps)
    {
        var extractor = HashCodeMessageExtractor.Create(Shards, entityId);
        return ClusterSharding.Get(system).Start(name, entityProps, ClusterShardingSettings.Create(system), extractor);
    }
}
