using GpuActors.Actors;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Remoting;
using GpuActors.Node;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Scheduler;

/// <summary>
/// A scheduler's actors on a system that has its store: what a node process and a simulated one start alike.
/// </summary>
internal static class SchedulerActors
{
    /// <summary>Makes the scheduler's events known; before <see cref="StartAsync"/>.</summary>
    public static void RegisterEvents(ActorSystem system)
    {
        foreach (var (manifest, type) in SchedulerEvents.All)
        {
            system.Serialization.Register(manifest, type);
        }
    }

    /// <summary>Starts regions and remoting, then what was open in the journal; <paramref name="regions"/> are ready.</summary>
    public static async Task StartAsync(
        ActorSystem system,
        IEventStore store,
        SchedulerRegions regions,
        SchedulerSettings settings,
        string blobAddress,
        CancellationToken cancellationToken)
    {
        SchedulerRegionsSetup.Start(system, regions, settings, blobAddress);
        await system.StartRemotingAsync(
            NodeActors.Remoting(settings.Remoting, settings.Security.Secret), cancellationToken);
        await GoOnAsync(store, regions, system, cancellationToken);
        regions.Ready = true;
    }

    private static async Task GoOnAsync(
        IEventStore store, SchedulerRegions regions, ActorSystem system, CancellationToken cancellationToken)
    {
        regions.TellCell(regions.Pool, new WakeUp(), system.DeadLetters);
        var hosts = await OpenEntities.StartAsync(store, HostActor.IndexKind, regions.Hosts, cancellationToken);
        var sessions = await OpenEntities.StartAsync(store, SessionActor.IndexKind, regions.Sessions, cancellationToken);
        if (hosts + sessions > 0)
        {
            system.Log.LogInformation("Going on with {Sessions} session(s) on {Hosts} host(s).", sessions, hosts);
        }
    }
}
