using GpuActors.Actors;
using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Actors;

/// <summary>A worker's actors, put together: what a worker process and a simulated one start alike.</summary>
public static class WorkerActors
{
    /// <summary>The worker's actor with its devices, whose attempts <paramref name="runner"/> runs.</summary>
    public static Props Props(
        WorkerIdentity identity,
        WorkerActorSettings settings,
        GpuInventory[] gpus,
        IAttemptRunner runner,
        Action<string> blobAddressKnown) =>
        GpuActors.Actors.Props.Create(() => new WorkerActor(
            identity,
            settings,
            gpus,
            _ => GpuActors.Actors.Props.Create(() => new DeviceActor(start =>
                GpuActors.Actors.Props.Create(() => new ExecutorActor(start, runner, settings.ResendInterval)))),
            blobAddressKnown));
}
