using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Reads and writes. A buffer's go in chunks, each enqueued as soon as its bytes are here and sent as soon as they are
/// read, so that socket and device work at the same time and staging memory stays small and warm. In an in-order
/// queue the last chunk ends the command; in an out-of-order queue a marker over all of them does.
/// </summary>
internal sealed unsafe partial class Session
{
    private const int ReadChunkBytes = 512 << 10;

    /// <summary>A callback each so many bytes of writes gives their staging memory back.</summary>
    private const ulong WatchEveryBytes = 2 << 20;

    private void ReadBuffer(ulong sequence, in ReadBuffer command)
    {
        try
        {
            QueueObject queue = Prepare(command.Enqueue, out uint waits, out nint* waitList);
            MemoryObject buffer = Buffer(command.Buffer);
            CheckRange(buffer, command.Offset, command.SizeBytes);
            if (command.SizeBytes >= MinBytesInPlace && IsNextOf(queue, waits)
                && TryReadInPlace(sequence, command, queue, buffer))
            {
                return;
            }
            var chunks = new Chunks(this, queue, command.Enqueue, sequence, Opcode.ReadBuffer, command.SizeBytes);
            for (ulong at = 0; at < command.SizeBytes; at += ReadChunkBytes)
            {
                var length = (int)Math.Min(ReadChunkBytes, command.SizeBytes - at);
                StagingBlock block = RentStaging(length);
                nint handle;
                int code = Cl.EnqueueReadBuffer(
                    queue.Handle, buffer.Handle, 0, (nuint)(command.Offset + at), (nuint)length, block.Pointer,
                    chunks.WaitsOf(at, waits), chunks.WaitListOf(at, waitList), &handle);
                chunks.Add(code, handle, PieceKind.Read, block, at, length);
            }
            chunks.End(waits, waitList);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private DataSink StartWriteBuffer(ulong sequence, WriteBuffer command)
    {
        QueueObject queue = Prepare(command.Enqueue, out uint waits, out _);
        MemoryObject buffer = Buffer(command.Buffer);
        CheckRange(buffer, command.Offset, command.DataBytes);
        if (command.DataBytes >= MinBytesInPlace && IsNextOf(queue, waits)
            && Map(queue, buffer, ClNames.MapWriteInvalidateRegion, command.Offset, command.DataBytes) is { } mapped)
        {
            return new WriteInPlace(this, sequence, command, queue, buffer, mapped);
        }
        return new BufferWrite(this, sequence, command, queue, buffer);
    }

    private void ReadRect(ulong sequence, in ReadBufferRect command)
    {
        try
        {
            QueueObject queue = Prepare(command.Enqueue, out uint waits, out nint* waitList);
            MemoryObject buffer = Buffer(command.Buffer);
            int length = WholeLength(command.Region, 1);
            StagingBlock block = RentStaging(length);
            nint handle;
            int code = EnqueueRect(
                isRead: true, queue, buffer, command.Layout, command.Region, block.Pointer, waits, waitList, &handle);
            TrackWhole(code, handle, queue, command.Enqueue, sequence, Opcode.ReadBufferRect, block, length);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private void ReadImage(ulong sequence, in ReadImage command)
    {
        try
        {
            QueueObject queue = Prepare(command.Enqueue, out uint waits, out nint* waitList);
            MemoryObject image = Image(command.Image);
            int length = WholeLength(command.Region, image.ElementBytes);
            StagingBlock block = RentStaging(length);
            nuint* sizes = stackalloc nuint[6];
            Spread(command.Origin, sizes);
            Spread(command.Region, sizes + 3);
            nint handle;
            int code = Cl.EnqueueReadImage(
                queue.Handle, image.Handle, 0, sizes, sizes + 3, 0, 0, block.Pointer, waits, waitList, &handle);
            TrackWhole(code, handle, queue, command.Enqueue, sequence, Opcode.ReadImage, block, length);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private WholeWrite StartWriteRect(ulong sequence, WriteBufferRect command)
    {
        QueueObject queue = Prepare(command.Enqueue, out _, out _);
        MemoryObject buffer = Buffer(command.Buffer);
        int length = WholeLength(command.Region, 1);
        CheckLength(length, command.DataBytes);
        command = command with { Enqueue = Own(command.Enqueue) };
        return new WholeWrite(length, RentStaging(length), block =>
        {
            try
            {
                PrepareAgain(command.Enqueue, block, out uint waits, out nint* waitList);
                nint handle;
                int code = EnqueueRect(
                    isRead: false, queue, buffer, command.Layout, command.Region, block.Pointer, waits, waitList,
                    &handle);
                TrackWhole(code, handle, queue, command.Enqueue, sequence, Opcode.WriteBufferRect, block, length);
            }
            catch (CommandFailure failure)
            {
                Fail(sequence, command, failure);
            }
        });
    }

    private WholeWrite StartWriteImage(ulong sequence, WriteImage command)
    {
        QueueObject queue = Prepare(command.Enqueue, out _, out _);
        MemoryObject image = Image(command.Image);
        int length = WholeLength(command.Region, image.ElementBytes);
        CheckLength(length, command.DataBytes);
        command = command with { Enqueue = Own(command.Enqueue) };
        return new WholeWrite(length, RentStaging(length), block =>
        {
            try
            {
                PrepareAgain(command.Enqueue, block, out uint waits, out nint* waitList);
                nuint* sizes = stackalloc nuint[6];
                Spread(command.Origin, sizes);
                Spread(command.Region, sizes + 3);
                nint handle;
                int code = Cl.EnqueueWriteImage(
                    queue.Handle, image.Handle, 0, sizes, sizes + 3, 0, 0, block.Pointer, waits, waitList, &handle);
                TrackWhole(code, handle, queue, command.Enqueue, sequence, Opcode.WriteImage, block, length);
            }
            catch (CommandFailure failure)
            {
                Fail(sequence, command, failure);
            }
        });
    }

    private static int EnqueueRect(
        bool isRead, QueueObject queue, MemoryObject buffer, RectLayout layout, WorkSize region, byte* memory,
        uint waits, nint* waitList, nint* handle)
    {
        nuint* sizes = stackalloc nuint[9];
        new Span<nuint>(sizes, 3).Clear(); // on the wire the rectangle is packed: it starts at the first byte
        Spread(layout.Origin, sizes + 3);
        Spread(region, sizes + 6);
        return isRead
            ? Cl.EnqueueReadBufferRect(
                queue.Handle, buffer.Handle, 0, sizes + 3, sizes, sizes + 6, (nuint)layout.RowPitch,
                (nuint)layout.SlicePitch, 0, 0, memory, waits, waitList, handle)
            : Cl.EnqueueWriteBufferRect(
                queue.Handle, buffer.Handle, 0, sizes + 3, sizes, sizes + 6, (nuint)layout.RowPitch,
                (nuint)layout.SlicePitch, 0, 0, memory, waits, waitList, handle);
    }

    /// <summary>Books a transfer that is one piece of work.</summary>
    private void TrackWhole(
        int code, nint handle, QueueObject queue, in Enqueue enqueue, ulong sequence, Opcode opcode,
        StagingBlock block, int length)
    {
        bool isRead = opcode is Opcode.ReadBufferRect or Opcode.ReadImage;
        if (code != OpenClErrors.Success)
            _services.Staging.Return(block);
        CommandFailure.ThrowIfFailed(code, $"clEnqueue of {opcode}", enqueue.Event);
        Track(queue, enqueue, new PendingCommand
        {
            Sequence = sequence, Opcode = opcode, Queue = queue, Handle = handle, EventId = enqueue.Event,
            Notify = enqueue.Notify, Piece = isRead ? PieceKind.Read : PieceKind.Write, Block = block, Length = length,
            ReplyBytes = isRead ? (ulong)length : null,
        });
    }

    private static void CheckRange(MemoryObject buffer, ulong offset, ulong size)
    {
        if (size == 0 || offset > buffer.SizeBytes || size > buffer.SizeBytes - offset)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue,
                $"{size} bytes at {offset} of buffer {buffer.Id}, which has {buffer.SizeBytes}", buffer.Id);
        }
    }

    private static int WholeLength(WorkSize region, uint elementBytes)
    {
        UInt128 bytes = (UInt128)(region.Product ?? ulong.MaxValue) * elementBytes;
        return bytes > 0 && bytes <= StagingPool.MaxBlockBytes
            ? (int)bytes
            : throw new CommandFailure(
                OpenClErrors.InvalidValue,
                $"a region of {bytes} bytes; 1 to {StagingPool.MaxBlockBytes} are possible: split it by rows or slices");
    }

    /// <summary>Finds queue and events once more: while the data came in, the queue may have stopped.</summary>
    private void PrepareAgain(in Enqueue enqueue, StagingBlock block, out uint waits, out nint* waitList)
    {
        try
        {
            Prepare(enqueue, out waits, out waitList);
        }
        catch (CommandFailure)
        {
            _services.Staging.Return(block);
            throw;
        }
    }

    /// <summary>A copy that outlives its frame, which the data that follows overwrites.</summary>
    private static Enqueue Own(in Enqueue enqueue) => enqueue with { WaitList = enqueue.WaitList.ToArray() };

    private static void CheckLength(int length, ulong dataBytes)
    {
        if ((ulong)length != dataBytes)
            throw new CommandFailure(OpenClErrors.InvalidValue, $"{dataBytes} bytes of data for a region of {length}");
    }

    private StagingBlock RentStaging(int bytes)
    {
        if (_services.Staging.TryRent(bytes) is { } free)
            return free;
        EndOfBatch(); // what was enqueued so far must be able to end
        return _services.Staging.Rent(bytes, _mayWait) ?? throw new CommandFailure(
            OpenClErrors.OutOfHostMemory,
            "transfers that are not done hold all staging memory, and an unset user event may hold them: set it first");
    }

    /// <summary>A chunked transfer on its way into the queue.</summary>
    private sealed class Chunks(
        Session session, QueueObject queue, Enqueue enqueue, ulong sequence, Opcode opcode, ulong totalBytes)
    {
        private readonly TransferState _transfer = new();
        private readonly List<nint> _events = [];

        /// <summary>In order, the first chunk waits for all of them; out of order, each does.</summary>
        public uint WaitsOf(ulong at, uint waits) => at == 0 || !queue.IsInOrder ? waits : 0;

        public nint* WaitListOf(ulong at, nint* waitList) => at == 0 || !queue.IsInOrder ? waitList : null;

        /// <summary>Books a chunk that was enqueued.</summary>
        public void Add(int code, nint handle, PieceKind kind, StagingBlock block, ulong at, int length)
        {
            if (code != OpenClErrors.Success)
                session._services.Staging.Return(block);
            CommandFailure.ThrowIfFailed(code, $"clEnqueue of {opcode} at {at}", enqueue.Event);
            bool isLast = queue.IsInOrder && at + (ulong)length == totalBytes;
            if (!queue.IsInOrder)
            {
                OpenClException.ThrowIfFailed(Cl.RetainEvent(handle), "clRetainEvent"); // until the marker waits for it
                _events.Add(handle);
            }
            var command = new PendingCommand
            {
                Sequence = sequence, Opcode = opcode, Queue = queue, Handle = handle, EventId = enqueue.Event,
                Notify = enqueue.Notify, Piece = kind, Block = block, Offset = at, Length = length, IsLast = isLast,
                ReplyBytes = kind == PieceKind.Read ? totalBytes : null, Transfer = _transfer,
            };
            session.Track(queue, enqueue, command);
            bool watch = kind == PieceKind.Read || (at + (ulong)length) % WatchEveryBytes == 0;
            if (queue.IsInOrder && watch && !isLast)
            {
                queue.Unwatched = null;
                session._services.Tracker.Watch(command);
            }
        }

        /// <summary>All chunks are enqueued.</summary>
        public void End(uint waits, nint* waitList)
        {
            if (queue.IsInOrder)
                return;
            nint handle;
            int code;
            fixed (nint* events = _events.ToArray())
                code = Cl.EnqueueMarkerWithWaitList(queue.Handle, (uint)_events.Count, events, &handle);
            Drop();
            CommandFailure.ThrowIfFailed(code, "clEnqueueMarkerWithWaitList", enqueue.Event);
            session.Track(queue, enqueue, new PendingCommand
            {
                Sequence = sequence, Opcode = opcode, Queue = queue, Handle = handle, EventId = enqueue.Event,
                Notify = enqueue.Notify, ReplyBytes = opcode == Opcode.ReadBuffer ? totalBytes : null,
                Transfer = _transfer,
            });
        }

        /// <summary>Lets the chunks' events go.</summary>
        public void Drop()
        {
            foreach (nint handle in _events)
                OpenClException.ThrowIfFailed(Cl.ReleaseEvent(handle), "clReleaseEvent");
            _events.Clear();
        }
    }

    /// <summary>A write into a buffer: each piece of data is enqueued when it has come in.</summary>
    private sealed class BufferWrite(
        Session session, ulong sequence, WriteBuffer command, QueueObject queue, MemoryObject buffer)
        : DataSink(command.DataBytes)
    {
        private readonly Enqueue _enqueue = Own(command.Enqueue);
        private readonly Chunks _chunks = new(
            session, queue, command.Enqueue with { WaitList = default }, sequence, Opcode.WriteBuffer,
            command.DataBytes);
        private StagingBlock _block;
        private bool _failed;

        public override void Finish()
        {
            if (!_failed)
                Try(() => _chunks.End(0, null));
        }

        protected override Span<byte> Place(ulong offset, int length)
        {
            if (_failed || !Try(() => _block = session.RentStaging(length)))
                return new byte[length];
            return _block.Span(0, length);
        }

        protected override void Received(ulong offset, int length)
        {
            if (!_failed)
                Try(() => Enqueue(offset, length));
        }

        private void Enqueue(ulong offset, int length)
        {
            session.PrepareAgain(_enqueue, _block, out uint waits, out nint* waitList);
            nint handle;
            int code = Cl.EnqueueWriteBuffer(
                queue.Handle, buffer.Handle, 0, (nuint)(command.Offset + offset), (nuint)length, _block.Pointer,
                _chunks.WaitsOf(offset, waits), _chunks.WaitListOf(offset, waitList), &handle);
            _chunks.Add(code, handle, PieceKind.Write, _block, offset, length);
        }

        private bool Try(Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (CommandFailure failure)
            {
                _failed = true;
                _chunks.Drop();
                session.Fail(sequence, command with { Enqueue = _enqueue }, failure);
                return false;
            }
        }
    }

    /// <summary>A write that the driver takes in one piece.</summary>
    private sealed class WholeWrite(int totalBytes, StagingBlock block, Action<StagingBlock> finish)
        : DataSink((ulong)totalBytes)
    {
        public override void Finish() => finish(block);

        protected override Span<byte> Place(ulong offset, int length) => block.Span((int)offset, length);
    }
}
