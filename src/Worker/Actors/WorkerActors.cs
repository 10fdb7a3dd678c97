using GpuActors.Actors;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Actors;

/// <summary>A worker's actors, put together: what a worker process and a simulated one start alike.</summary>
public static class WorkerActors
{
    /// <summary>The worker's actor with its devices, whose attempts <paramref name="runner"/> runs.</summary>
    /// <param name="leaseEndsAt">Hears until which timestamp of the clock the lease holds, each time it is renewed.</param>
    /// <param name="usage">What sessions use, which is reported to the scheduler; null: nobody knows.</param>
    public static Props Props(
        WorkerIdentity identity,
        WorkerActorSettings settings,
        GpuInventory[] gpus,
        IAttemptRunner runner,
        Action<string> blobAddressKnown,
        Action<long>? leaseEndsAt = null,
        ISliceUsageSource? usage = null) =>
        GpuActors.Actors.Props.Create(() => new WorkerActor(
            identity,
            settings,
            gpus,
            _ => GpuActors.Actors.Props.Create(() => new DeviceActor(start =>
                GpuActors.Actors.Props.Create(() => new ExecutorActor(start, runner, settings.ResendInterval)))),
            blobAddressKnown,
            leaseEndsAt,
            usage));
}
