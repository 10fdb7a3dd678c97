using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Frames on their way to the client, in order. Any thread appends and never waits; small batches leave on the
/// thread that flushes, as far as the transport takes them at once, and the rest on a thread of the outbox's own. So a
/// driver's callback thread never waits for a slow client, and a short reply costs no change of threads.
/// </summary>
internal sealed unsafe class Outbox : IDisposable
{
    private const int ChunkBytes = 64 << 10;
    private const int InlineBytes = 32 << 10;
    private const int MaxVectors = 64;
    private const int KeptChunks = 16;

    /// <summary>Content of one Data frame: reads of rectangles and images can be longer.</summary>
    private const int DataFrameBytes = 512 << 10;

    /// <summary>Beyond so many unsent bytes of small frames the reader takes no more commands.</summary>
    private const long HighWaterBytes = 8 << 20;

    private readonly ClientTransport _transport;
    private readonly StagingPool _staging;
    private readonly object _gate = new();
    private readonly Queue<Segment> _segments = new();
    private readonly Stack<byte[]> _idleChunks = new();
    private readonly Queue<Action> _afterSent = new();
    private readonly SemaphoreSlim _work = new(0);
    private byte[]? _chunk;
    private int _chunkStart;
    private int _chunkEnd;
    private int _sentOfFirst;
    private long _waitingBytes;
    private ulong _sentBytes;
    private bool _sending;
    private bool _handedOver;
    private bool _broken;
    private bool _disposed;

    public Outbox(ClientTransport transport, StagingPool staging)
    {
        _transport = transport;
        _staging = staging;
#pragma warning disable RS0030 // the executor process is the real edge: it needs a thread that may block in the kernel
        new Thread(SendHandedOver) { IsBackground = true, Name = "outbox" }.Start();
#pragma warning restore RS0030
    }

    /// <summary>Whether so much is unsent that nothing more should be started.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return _waitingBytes > HighWaterBytes;
        }
    }

    /// <summary>Bytes that the transport has taken so far.</summary>
    public ulong SentBytes
    {
        get
        {
            lock (_gate)
                return _sentBytes;
        }
    }

    /// <summary>Adds a frame.</summary>
    public void Append<T>(ulong sequence, in T body)
        where T : struct, IFrameBody
    {
        int length = CommandWriter.Measure(body);
        lock (_gate)
        {
            if (!_broken)
                CommandWriter.Write(Reserve(length), sequence, body);
        }
    }

    /// <summary>
    /// Adds a staging block as Data frames, as many as the protocol's largest payload makes of it. The block goes back to
    /// its pool once the last is sent.
    /// </summary>
    public void AppendData(ulong sequence, ulong offset, StagingBlock block, int length)
    {
        lock (_gate)
        {
            if (_broken)
            {
                _staging.Return(block);
                return;
            }
            for (var at = 0; at < length; at += DataFrameBytes)
            {
                int piece = Math.Min(DataFrameBytes, length - at);
                StagingBlock? last = at + piece == length ? block : null;
                AppendDataFrame(sequence, offset + (ulong)at, block.Pointer + at, piece, last, null);
            }
        }
    }

    /// <summary>
    /// Adds memory as Data frames. It must stay until <paramref name="sent"/> is called: once the last byte is sent, or
    /// nothing will be sent any more; on any thread, under no lock.
    /// </summary>
    public void AppendData(ulong sequence, byte* memory, ulong length, Action sent)
    {
        lock (_gate)
        {
            for (ulong at = 0; at < length && !_broken; at += DataFrameBytes)
            {
                var piece = (int)Math.Min(DataFrameBytes, length - at);
                AppendDataFrame(sequence, at, memory + at, piece, null, at + (ulong)piece == length ? sent : null);
            }
            if (_broken)
                _afterSent.Enqueue(sent);
        }
        CallAfterSent();
    }

    /// <summary>Sends what was appended: at once when it is little, else on the outbox's thread.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_broken)
                return; // the transport may be disposed of
            SealChunk();
            if (_segments.Count == 0 || _sending || _handedOver)
                return;
            if (_waitingBytes > InlineBytes)
            {
                HandOver();
                return;
            }
            _sending = true;
        }
        bool isDone = Send(mayWait: false);
        lock (_gate)
        {
            _sending = false;
            if (!isDone || _segments.Count > 0)
                HandOver();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the client has taken enough for more to be started.</summary>
    public void WaitForRoom()
    {
        Flush();
        lock (_gate)
        {
            while (_waitingBytes > HighWaterBytes && !_broken)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Waits until everything is sent or the client is gone.</summary>
    public void WaitUntilSent(TimeSpan patience)
    {
        Flush();
        lock (_gate)
        {
            while (_waitingBytes > 0 && !_broken)
            {
                if (!Monitor.Wait(_gate, patience))
                    return;
            }
        }
    }

    /// <summary>
    /// Sends nothing more: when it returns nobody uses the transport, and what is added later goes nowhere. One that
    /// takes nothing must have been shut down before.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_sending)
                Monitor.Wait(_gate);
            _broken = true; // nobody begins to send from here on
        }
        Break();
        _work.Release();
    }

    private void AppendDataFrame(
        ulong sequence, ulong offset, byte* start, int length, StagingBlock? block, Action? sent)
    {
        const int HeadBytes = FrameHeader.SizeBytes + Data.PrefixBytes;
        Span<byte> head = Reserve(HeadBytes);
        new FrameHeader(Data.PrefixBytes + length, Opcode.Data, 0, sequence).Write(head);
        BinaryPrimitives.WriteUInt64LittleEndian(head[FrameHeader.SizeBytes..], offset);
        SealChunk();
        _segments.Enqueue(new Segment(null, start, length, block) { Sent = sent });
        _waitingBytes += length;
    }

    private Span<byte> Reserve(int length)
    {
        if (_chunk is null || _chunk.Length - _chunkEnd < length)
        {
            SealChunk();
            _chunk = length <= ChunkBytes && _idleChunks.TryPop(out byte[]? idle)
                ? idle
                : GC.AllocateUninitializedArray<byte>(Math.Max(length, ChunkBytes), pinned: true);
            _chunkStart = _chunkEnd = 0;
        }
        _chunkEnd += length;
        _waitingBytes += length;
        return _chunk.AsSpan(_chunkEnd - length, length);
    }

    /// <summary>What is in the chunk becomes a segment; the chunk's rest takes the next frames.</summary>
    private void SealChunk()
    {
        if (_chunk is null || _chunkEnd == _chunkStart)
            return;
        bool isUsedUp = _chunk.Length - _chunkEnd < FrameHeader.SizeBytes * 4;
        byte* start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_chunk, _chunkStart);
        _segments.Enqueue(new Segment(_chunk, start, _chunkEnd - _chunkStart, null) { IsLastOfChunk = isUsedUp });
        _chunkStart = _chunkEnd;
        if (isUsedUp)
            _chunk = null;
    }

    private void HandOver()
    {
        if (_handedOver)
            return;
        _handedOver = true;
        _work.Release();
    }

    private void SendHandedOver()
    {
        while (true)
        {
            _work.Wait();
            lock (_gate)
            {
                while (_sending && !_disposed)
                    Monitor.Wait(_gate);
                if (_disposed)
                    return;
                _sending = true;
            }
            Send(mayWait: true);
            lock (_gate)
            {
                _sending = false;
                _handedOver = false;
                SealChunk();
                if (_segments.Count > 0)
                    HandOver();
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Sends segments until none is left (true) or the transport takes no more (false).</summary>
    private bool Send(bool mayWait)
    {
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MaxVectors];
        while (true)
        {
            int count = Gather(vectors);
            if (count == 0)
                return true;
            nint sent = _transport.Send(vectors, count, mayWait);
            if (sent == ClientTransport.WouldBlock)
                return false;
            if (sent == ClientTransport.Gone)
            {
                Break();
                return true;
            }
            Consume(sent);
        }
    }

    private int Gather(Libc.IoVector* vectors)
    {
        var count = 0;
        lock (_gate)
        {
            int skip = _sentOfFirst;
            foreach (Segment segment in _segments)
            {
                if (count == MaxVectors)
                    break;
                vectors[count++] = new Libc.IoVector
                {
                    Start = segment.Start + skip,
                    Length = (nuint)(segment.Length - skip),
                };
                skip = 0;
            }
        }
        return count;
    }

    private void Consume(nint sent)
    {
        lock (_gate)
        {
            _waitingBytes -= sent;
            _sentBytes += (ulong)sent;
            sent += _sentOfFirst;
            while (_segments.TryPeek(out Segment segment) && sent >= segment.Length)
            {
                sent -= segment.Length;
                Recycle(_segments.Dequeue());
            }
            _sentOfFirst = (int)sent;
            Monitor.PulseAll(_gate);
        }
        CallAfterSent();
    }

    private void CallAfterSent()
    {
        while (true)
        {
            Action? sent;
            lock (_gate)
            {
                if (!_afterSent.TryDequeue(out sent))
                    return;
            }
            sent();
        }
    }

    private void Recycle(Segment segment)
    {
        if (segment.Sent is { } sent)
            _afterSent.Enqueue(sent);
        else if (segment.Block is { } block)
            _staging.Return(block);
        else if (segment.IsLastOfChunk && segment.Chunk!.Length == ChunkBytes && _idleChunks.Count < KeptChunks)
            _idleChunks.Push(segment.Chunk);
    }

    /// <summary>The peer is gone, which the watch on the transport makes known. Until then nothing may pile up.</summary>
    private void Break()
    {
        lock (_gate)
        {
            _broken = true;
            while (_segments.TryDequeue(out Segment segment))
                Recycle(segment);
            _chunk = null;
            _chunkStart = _chunkEnd = 0;
            _waitingBytes = 0;
            Monitor.PulseAll(_gate);
        }
        CallAfterSent();
    }

    private readonly struct Segment
    {
        public Segment(byte[]? chunk, byte* start, int length, StagingBlock? block)
        {
            Chunk = chunk;
            Start = start;
            Length = length;
            Block = block;
        }

        public byte[]? Chunk { get; }

        public byte* Start { get; }

        public int Length { get; }

        public StagingBlock? Block { get; }

        public bool IsLastOfChunk { get; init; }

        /// <summary>To be called once it is sent.</summary>
        public Action? Sent { get; init; }
    }
}
