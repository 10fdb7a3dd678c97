using GpuActors.Shared.Commands;
using GpuActors.Shared.Commands.Rings;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// A client of this machine: shared memory is offered with the first bytes over its Unix socket. If its first frame takes
/// the offer, everything goes through the rings from there on, and the socket is the bell: a byte on it wakes a reader
/// that sleeps, its end is the end of the stream. Otherwise everything stays on the socket.
/// </summary>
/// <remarks>A sleeping writer is woken by the futex of its ring; it looks whether the peer is still there meanwhile.</remarks>
internal sealed unsafe class MemoryTransport : ClientTransport
{
    /// <summary>Of each ring: larger ones leave the caches, smaller ones make writer and reader wait for each other.</summary>
    public const int RingBytes = 1 << 20;

    private static readonly TimeSpan LookForPeer = TimeSpan.FromMilliseconds(100);

    private readonly SocketTransport _socket;
    private readonly SharedMemory _memory;
    private readonly RingReader _reader;
    private readonly RingWriter _writer;
    private readonly byte[] _first = new byte[FrameHeader.SizeBytes];
    private int _firstAt = FrameHeader.SizeBytes;
    private bool _isOffered;
    private bool _isDecided;
    private volatile bool _isInUse;
    private volatile bool _isShutDown;

    /// <param name="socket">A Unix socket; belongs to this object from here on.</param>
    /// <param name="memory">Unused; belongs to this object from here on.</param>
    public MemoryTransport(SocketTransport socket, SharedMemory memory)
    {
        _socket = socket;
        _memory = memory;
        (_reader, _writer) = memory.Open();
    }

    public override int Receive(byte* into, int length)
    {
        if (!_isDecided && !Decide())
            return 0;
        if (_isInUse)
            return ReadRing(into, length);
        return _firstAt < _first.Length ? TakeFirst(into, length) : _socket.Receive(into, length);
    }

    public override nint Send(Libc.IoVector* vectors, int count, bool mayWait)
    {
        if (!_isInUse)
            return _isOffered ? _socket.Send(vectors, count, mayWait) : Offer(vectors, count, mayWait);
        try
        {
            while (true)
            {
                nint sent = WriteRing(vectors, count);
                if (sent > 0)
                    return sent;
                if (!mayWait)
                    return WouldBlock;
                if (!AwaitRoom())
                    return Gone;
            }
        }
        catch (ProtocolException)
        {
            return Gone; // the reader will find it out, too, or see the end that this makes
        }
    }

    public override void ShutDown()
    {
        _isShutDown = true;
        _socket.ShutDown();
        Futex.WakeAll(_writer.Sleeps);
    }

    public override void WaitForEnd() => _socket.WaitForEnd();

    public override void Dispose()
    {
        _memory.Dispose();
        _socket.Dispose();
    }

    /// <summary>The first bytes carry the descriptor; a client that does not want it takes the bytes alone.</summary>
    private nint Offer(Libc.IoVector* vectors, int count, bool mayWait)
    {
        nint sent = _socket.Send(vectors, count, mayWait, _memory.Descriptor);
        if (sent > 0)
        {
            _isOffered = true;
            _memory.CloseDescriptor();
        }
        return sent;
    }

    /// <summary>Looks at the client's first header. False: the stream ended before it.</summary>
    private bool Decide()
    {
        fixed (byte* start = _first)
        {
            for (var at = 0; at < _first.Length;)
            {
                int read = _socket.Receive(start + at, _first.Length - at);
                if (read == 0)
                    return false;
                at += read;
            }
        }
        _isDecided = true;
        FrameHeader.TryRead(_first, out FrameHeader header);
        if (header is { Opcode: Opcode.UseMemory, PayloadBytes: 0, Sequence: 0 } && _isOffered)
            _isInUse = true;
        else
            _firstAt = 0;
        return true;
    }

    private int TakeFirst(byte* into, int length)
    {
        int taken = Math.Min(length, _first.Length - _firstAt);
        _first.AsSpan(_firstAt, taken).CopyTo(new Span<byte>(into, taken));
        _firstAt += taken;
        return taken;
    }

    private int ReadRing(byte* into, int length)
    {
        const int Rings = 64;
        byte* rings = stackalloc byte[Rings];
        while (true)
        {
            int read = _reader.Read(into, length);
            if (read > 0)
            {
                if (_reader.TakeSleepingWriter())
                    Futex.WakeAll(_reader.WriterSleeps);
                return read;
            }
            if (!_reader.MaySleep())
                continue;
            if (_socket.Receive(rings, Rings) == 0 && !_reader.HasBytes)
                return 0; // what was written before the end was read first
        }
    }

    private nint WriteRing(Libc.IoVector* vectors, int count)
    {
        nint sent = 0;
        for (var i = 0; i < count; i++)
        {
            for (nuint at = 0; at < vectors[i].Length;)
            {
                int written = _writer.Write((byte*)vectors[i].Start + at, vectors[i].Length - at);
                if (written == 0)
                    return sent;
                if (_writer.TakeSleepingReader())
                    Ring();
                at += (nuint)written;
                sent += written;
            }
        }
        return sent;
    }

    /// <summary>A socket that takes nothing has enough in it to wake whoever sleeps on it.</summary>
    private void Ring()
    {
        byte bell = 0;
        var vector = new Libc.IoVector { Start = &bell, Length = 1 };
        _ = _socket.Send(&vector, 1, mayWait: false);
    }

    /// <summary>False: the peer is gone.</summary>
    private bool AwaitRoom()
    {
        while (!_isShutDown && !_socket.HasEnded)
        {
            if (!_writer.MaySleep())
                return true;
            Futex.Sleep(_writer.Sleeps, 1, LookForPeer);
            if (_writer.Room > 0)
                return true;
        }
        return false;
    }
}
