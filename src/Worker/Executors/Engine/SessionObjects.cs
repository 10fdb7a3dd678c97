using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>Something that the client gave an id.</summary>
internal abstract class SessionObject(ulong id)
{
    public ulong Id { get; } = id;

    /// <summary>What people call it.</summary>
    public abstract string Kind { get; }

    /// <summary>Drops the session's own reference.</summary>
    public abstract void Release();
}

/// <summary>Stands where an object should be whose creation failed, so that its uses fail with the same words.</summary>
internal sealed class FailedObject(ulong id, ulong sequence, CommandFailure failure) : SessionObject(id)
{
    public override string Kind => "failed object";

    public CommandFailure Failure { get; } = new(
        failure.Code, $"object {id} failed when command #{sequence} should have made it: {failure.Message}", id);

    public override void Release()
    {
    }
}

internal sealed class DeviceObject(ulong id, nint handle, bool isOwned) : SessionObject(id)
{
    public override string Kind => "device";

    public nint Handle => handle;

    /// <summary>False for the slice itself.</summary>
    public bool IsOwned => isOwned;

    public override void Release()
    {
        if (isOwned)
            OpenClException.ThrowIfFailed(Cl.ReleaseDevice(handle), "clReleaseDevice");
    }
}

/// <param name="id">Object id.</param>
/// <param name="handle">Context.</param>
/// <param name="isShared">True: the executor's own, which outlives the session and holds the built programs.</param>
/// <param name="devices">In the order of the client.</param>
internal sealed class ContextObject(ulong id, nint handle, bool isShared, DeviceObject[] devices) : SessionObject(id)
{
    public override string Kind => "context";

    public nint Handle => handle;

    public bool IsShared => isShared;

    public DeviceObject[] Devices => devices;

    public override void Release()
    {
        if (!isShared)
            OpenClException.ThrowIfFailed(Cl.ReleaseContext(handle), "clReleaseContext");
    }
}

/// <summary>A buffer, sub-buffer or image.</summary>
internal sealed class MemoryObject(ulong id, nint handle, ContextObject context, bool isImage, ulong sizeBytes)
    : SessionObject(id)
{
    private int _views;
    private bool _isReleased;

    public override string Kind => isImage ? "image" : "buffer";

    public nint Handle => handle;

    public ContextObject Context => context;

    public bool IsImage => isImage;

    public ulong SizeBytes => sizeBytes;

    /// <summary>What it is a part or another view of; keeps that memory alive.</summary>
    public MemoryObject? Parent { get; init; }

    /// <summary>Bytes of a pixel.</summary>
    public uint ElementBytes { get; init; }

    /// <summary>Pixels in each dimension, array index as the last one.</summary>
    public WorkSize ImageSize { get; init; }

    /// <summary>The account that it is booked in; null for a view of other memory.</summary>
    public MemoryAccount? Account { get; init; }

    public void AddView() => _views++;

    public override void Release()
    {
        _isReleased = true;
        if (_views == 0)
            LetGo();
        Parent?.RemoveView();
        OpenClException.ThrowIfFailed(Cl.ReleaseMemObject(handle), "clReleaseMemObject");
    }

    private void RemoveView()
    {
        _views--;
        if (_views == 0 && _isReleased)
            LetGo();
    }

    /// <summary>From here on only the driver keeps the memory.</summary>
    private void LetGo() => Account?.Releasing(sizeBytes);
}

internal sealed class SamplerObject(ulong id, nint handle) : SessionObject(id)
{
    public override string Kind => "sampler";

    public nint Handle => handle;

    public override void Release() => OpenClException.ThrowIfFailed(Cl.ReleaseSampler(handle), "clReleaseSampler");
}

internal sealed class KernelObject(ulong id, nint handle, KernelSignature signature, ProgramObject program)
    : SessionObject(id)
{
    public override string Kind => "kernel";

    public nint Handle => handle;

    public KernelSignature Signature => signature;

    public ProgramObject Program => program;

    /// <summary>What each parameter was set to last; the default: not known.</summary>
    private readonly KernelArgument[] _set = new KernelArgument[signature.Parameters.Length];
    private ulong _setBefore;

    /// <summary>Whether the parameter has this value from the launch before: then it need not be set again.</summary>
    /// <param name="index">Which parameter.</param>
    /// <param name="argument">Its value.</param>
    /// <param name="releases">Memory objects and samplers that the session has released so far: ids may be others' since.</param>
    public bool HasArgument(int index, in KernelArgument argument, ulong releases)
    {
        if (_setBefore != releases)
        {
            Array.Clear(_set);
            _setBefore = releases;
        }
        return _set[index] == argument;
    }

    /// <summary>The parameter was set. Only values that do not lie in a frame are remembered.</summary>
    public void Remember(int index, in KernelArgument argument) =>
        _set[index] = argument.ValueBytes <= sizeof(ulong) ? argument : default;

    /// <summary>Ticks that a work item has taken lately; 0: not known.</summary>
    private double _ticksPerItem;

    /// <summary>How long so many work items will probably take, in ticks; 0: not known.</summary>
    public long Estimate(ulong items) => (long)(_ticksPerItem * items);

    /// <summary>So many items took so long.</summary>
    public void Learn(ulong items, long ticks)
    {
        const double Newest = 0.25;
        double measured = (double)ticks / Math.Max(1, items);
        _ticksPerItem = _ticksPerItem == 0 ? measured : (_ticksPerItem * (1 - Newest)) + (measured * Newest);
    }

    public override void Release() => OpenClException.ThrowIfFailed(Cl.ReleaseKernel(handle), "clReleaseKernel");
}

/// <summary>An event: of a command, or a user event.</summary>
internal sealed class EventObject(ulong id, nint handle, bool isUser) : SessionObject(id), ICommandState
{
    private volatile bool _isSet;

    public override string Kind => isUser ? "user event" : "event";

    public nint Handle => handle;

    public bool IsUser => isUser;

    /// <summary>User event: whether its status was set.</summary>
    public bool IsSet
    {
        get => _isSet;
        set => _isSet = value;
    }

    /// <inheritdoc/>
    public bool MayRun => isUser ? IsSet : Command?.MayRun ?? true;

    /// <summary>The command that it is the event of, while that is not done.</summary>
    public PendingCommand? Command { get; init; }

    /// <summary>Whether its queue profiles.</summary>
    public bool HasTimes { get; init; }

    public override void Release() => OpenClException.ThrowIfFailed(Cl.ReleaseEvent(handle), "clReleaseEvent");
}
