using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>A command queue and what is enqueued on it.</summary>
internal sealed class QueueObject(ulong id, nint handle, ContextObject context, DeviceObject device, QueueFlags flags)
    : SessionObject(id)
{
    public override string Kind => "queue";

    public nint Handle => handle;

    public ContextObject Context => context;

    public DeviceObject Device => device;

    public bool IsInOrder => (flags & QueueFlags.OutOfOrder) == 0;

    public bool IsProfiling => (flags & QueueFlags.Profiling) != 0;

    public bool StopsOnError => (flags & QueueFlags.StopOnError) != 0;

    /// <summary>Why the queue takes no more commands; set once. Guarded by the tracker's lock.</summary>
    public Error? Stopped { get; set; }

    /// <summary>Commands not known to be done, oldest first. Guarded by the tracker's lock.</summary>
    public LinkedList<PendingCommand> Pending { get; } = [];

    /// <summary>Commands that wait for a turn, or for what does, oldest first. Guarded by the <see cref="TurnGate"/>.</summary>
    public LinkedList<PendingCommand> Held { get; } = [];

    /// <summary>The newest barrier; what follows in a queue without order waits for it. Only the reader uses it.</summary>
    public PendingCommand? Barrier { get; set; }

    /// <summary>The newest command that has no completion callback yet. Only the reader uses it.</summary>
    public PendingCommand? Unwatched { get; set; }

    public override void Release() => OpenClException.ThrowIfFailed(Cl.ReleaseCommandQueue(handle), "clReleaseCommandQueue");
}
