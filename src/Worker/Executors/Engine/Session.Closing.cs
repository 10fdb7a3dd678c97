using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class Session
{
    private static readonly TimeSpan FreeingPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Ends the session: waits for its commands, wipes what memory it still has, releases everything. Waits as long
    /// as its kernels run; the worker's patience, not this method's, bounds that.
    /// </summary>
    /// <exception cref="CommandFailure">Something could not be wiped or freed: the process must not serve again.</exception>
    public void Close()
    {
        WillClose();
        ReleaseUserEvents();
        EndOfBatch();
        foreach (QueueObject queue in _objects.Values.OfType<QueueObject>())
            CommandFailure.ThrowIfFailed(Cl.Finish(queue.Handle), "clFinish", queue.Id);
        Wipe();
        _objects.Remove(RootDeviceId);
        // Views before what they view, kernels before programs, everything before its context.
        foreach (SessionObject released in _objects.Values.OrderBy(ReleaseOrder))
            released.Release();
        _objects.Clear();
        if (!_account.WaitUntilEmpty(FreeingPatience))
        {
            throw new CommandFailure(
                OpenClErrors.OutOfResources,
                $"the driver still holds {_account.UsedBytes} bytes of the session's memory");
        }
        _account.Leave();
    }

    /// <summary>No more commands come: its memory will be free for the session's other programs.</summary>
    public void WillClose() => _account.Close();

    private void ReleaseUserEvents()
    {
        ulong[] unset = [.. _objects.Values.OfType<EventObject>().Where(e => e is { IsUser: true, IsSet: false })
            .Select(e => e.Id)];
        foreach (ulong id in unset)
            ReleaseOne(id);
    }

    /// <summary>Overwrites memory with zeros, beside that new buffers are zeroed: no next session depends on one place.</summary>
    private void Wipe()
    {
        foreach (MemoryObject memory in _objects.Values.OfType<MemoryObject>())
        {
            if (memory.Account is null || !memory.Context.IsShared)
                continue; // a view is wiped with what it views; a context of its own has no queue of ours
            int code = memory.IsImage ? WipeImage(memory) : WipeBuffer(memory);
            CommandFailure.ThrowIfFailed(code, $"wiping {memory.Kind} {memory.Id}", memory.Id);
        }
        CommandFailure.ThrowIfFailed(Cl.Finish(_part.Queue), "clFinish after wiping");
    }

    private int WipeBuffer(MemoryObject memory)
    {
        byte zero = 0;
        return Cl.EnqueueFillBuffer(_part.Queue, memory.Handle, &zero, 1, 0, (nuint)memory.SizeBytes, 0, null, null);
    }

    private int WipeImage(MemoryObject memory)
    {
        nuint* sizes = stackalloc nuint[6];
        byte* color = stackalloc byte[FillImage.ColorBytes];
        new Span<byte>(color, FillImage.ColorBytes).Clear();
        Spread(WorkSize.Zero, sizes);
        Spread(memory.ImageSize, sizes + 3);
        return Cl.EnqueueFillImage(_part.Queue, memory.Handle, color, sizes, sizes + 3, 0, null, null);
    }

    private static int ReleaseOrder(SessionObject released) => released switch
    {
        EventObject => 0,
        KernelObject => 1,
        ProgramObject => 2,
        SamplerObject => 3,
        MemoryObject { Parent: not null } => 4,
        MemoryObject => 5,
        QueueObject => 6,
        ContextObject => 7,
        _ => 8,
    };
}
