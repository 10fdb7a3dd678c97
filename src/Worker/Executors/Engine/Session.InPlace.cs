using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Transfers without staging memory: where the device's memory is the machine's, the bytes go between the stream and the
/// buffer itself. Only when the queue has nothing to do before, so that the reader waits for nothing.
/// </summary>
internal sealed unsafe partial class Session
{
    /// <summary>Below this, mapping costs more than the copy that it saves.</summary>
    private const ulong MinBytesInPlace = 512 << 10;

    /// <summary>Whether a command enqueued now would be done at once.</summary>
    private bool IsNextOf(QueueObject queue, uint waits) =>
        _services.Device.HasHostMemory && queue.IsInOrder && waits == 0 && _services.Tracker.IsIdle(queue);

    /// <summary>A part of a buffer in this process's memory; null: the driver does not map it.</summary>
    private static MappedPart? Map(QueueObject queue, MemoryObject buffer, ulong flags, ulong offset, ulong bytes)
    {
        nint handle;
        int code;
        void* memory = Cl.EnqueueMapBuffer(
            queue.Handle, buffer.Handle, 1, flags, (nuint)offset, (nuint)bytes, 0, null, &handle, &code);
        if (code != OpenClErrors.Success)
            return null;
        var transfer = new TransferState();
        if (queue.IsProfiling)
            transfer.First = CommandTracker.StatusOf(0, handle, 0, true, null);
        OpenClException.ThrowIfFailed(Cl.ReleaseEvent(handle), "clReleaseEvent");
        return new MappedPart((byte*)memory, transfer);
    }

    /// <summary>
    /// Sends a part of a buffer from where it lies. It is given back once it is sent, by an event of ours that the queue
    /// waits for: what is enqueued later cannot change what is still to be sent.
    /// </summary>
    private bool TryReadInPlace(ulong sequence, in ReadBuffer command, QueueObject queue, MemoryObject buffer)
    {
        if (Map(queue, buffer, ClNames.MapRead, command.Offset, command.SizeBytes) is not { } mapped)
            return false;
        int code;
        nint wasSent = Cl.CreateUserEvent(queue.Context.Handle, &code);
        OpenClException.ThrowIfFailed(code, "clCreateUserEvent");
        nint handle;
        code = Cl.EnqueueUnmapMemObject(queue.Handle, buffer.Handle, mapped.Memory, 1, &wasSent, &handle);
        OpenClException.ThrowIfFailed(code, "clEnqueueUnmapMemObject");
        var delivery = new Delivery(wasSent, _services.Turns);
        _blockers.Add(delivery); // a kernel behind it waits for the client, and must hold no turn meanwhile
        Track(queue, command.Enqueue, new PendingCommand
        {
            Sequence = sequence, Opcode = Opcode.ReadBuffer, Queue = queue, Handle = handle,
            EventId = command.Enqueue.Event, Notify = command.Enqueue.Notify, ReplyBytes = command.SizeBytes,
            Transfer = mapped.Transfer,
        });
        _services.Turns?.CountBytes(0, (long)command.SizeBytes);
        _services.Outbox.AppendData(sequence, mapped.Memory, command.SizeBytes, delivery.End);
        return true;
    }

    /// <summary>What is sent from where it lies: until then, the queue waits.</summary>
    private sealed class Delivery(nint wasSent, TurnGate? turns) : ICommandState
    {
        private volatile bool _hasEnded;

        public bool MayRun => _hasEnded;

        public void End()
        {
            _hasEnded = true;
            _ = Cl.SetUserEventStatus(wasSent, 0);
            OpenClException.ThrowIfFailed(Cl.ReleaseEvent(wasSent), "clReleaseEvent");
            turns?.Pump();
        }
    }

    private sealed class MappedPart(byte* memory, TransferState transfer)
    {
        public byte* Memory => memory;

        public TransferState Transfer => transfer;
    }

    /// <summary>A write whose data are received into the buffer; giving the mapped part back is its end.</summary>
    private sealed class WriteInPlace(
        Session session, ulong sequence, WriteBuffer command, QueueObject queue, MemoryObject buffer, MappedPart mapped)
        : DataSink(command.DataBytes)
    {
        private readonly Enqueue _enqueue = Own(command.Enqueue);

        public override void Finish()
        {
            try
            {
                nint handle = Unmap();
                session.Track(queue, _enqueue, new PendingCommand
                {
                    Sequence = sequence, Opcode = Opcode.WriteBuffer, Queue = queue, Handle = handle,
                    EventId = _enqueue.Event, Notify = _enqueue.Notify, Transfer = mapped.Transfer,
                });
            }
            catch (CommandFailure failure)
            {
                session.Fail(sequence, command with { Enqueue = _enqueue }, failure);
            }
        }

        public override void Abandon() => OpenClException.ThrowIfFailed(Cl.ReleaseEvent(Unmap()), "clReleaseEvent");

        protected override Span<byte> Place(ulong offset, int length) => new(mapped.Memory + offset, length);

        private nint Unmap()
        {
            nint handle;
            int code = Cl.EnqueueUnmapMemObject(queue.Handle, buffer.Handle, mapped.Memory, 0, null, &handle);
            CommandFailure.ThrowIfFailed(code, "clEnqueueUnmapMemObject", _enqueue.Event);
            return handle;
        }
    }
}
