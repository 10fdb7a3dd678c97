using GpuActors.Shared.Commands;
using GpuActors.Shared.Commands.Rings;

namespace GpuActors.Interception.Streams;

/// <summary>
/// Memory that is shared with an executor of this machine: a ring of bytes in each direction. The Unix socket is the bell:
/// a byte on it wakes a reader that sleeps, its end is the end of the stream.
/// </summary>
/// <remarks>A sleeping writer is woken by the futex of its ring; it looks whether the executor is still there meanwhile.</remarks>
internal sealed unsafe class MemoryTransport : Transport
{
    private const int LookForPeerMilliseconds = 100;

    private readonly SocketTransport _socket;
    private readonly RingReader _reader;
    private readonly RingWriter _writer;
    private volatile bool _isShutDown;

    private MemoryTransport(SocketTransport socket, byte* memory, int ringBytes)
    {
        _socket = socket;
        (_reader, _writer) = RingMemory.OpenAsClient(memory, ringBytes);
    }

    public override int Descriptor => _socket.Descriptor;

    public override bool HasRoom
    {
        get
        {
            try
            {
                return _writer.Room >= _writer.Size / 2;
            }
            catch (ProtocolException)
            {
                return true; // who sends finds it out
            }
        }
    }

    /// <summary>Takes the executor's offer, if it makes one with its first frame and the memory can be mapped.</summary>
    /// <param name="socket">Nothing was received from it since the handshake. Belongs to the result.</param>
    /// <exception cref="IOException">The connection ended.</exception>
    public static Transport Open(SocketTransport socket)
    {
        try
        {
            return TakeOffer(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override int Receive(byte* into, int bytes, bool mayWait = true)
    {
        const int Bells = 64;
        if (_socket.HasReceived)
            return _socket.Receive(into, bytes);
        byte* bells = stackalloc byte[Bells];
        var hasEnded = false;
        while (true)
        {
            int received = _reader.Read(into, bytes);
            if (received > 0)
            {
                if (_reader.TakeSleepingWriter())
                    Libc.WakeAll(_reader.WriterSleeps);
                return received;
            }
            if (hasEnded)
                return 0;
            if (mayWait && !_reader.MaySleep())
                continue;
            received = _socket.Receive(bells, Bells, mayWait);
            if (received == NothingYet && !_reader.HasBytes)
                return NothingYet;
            hasEnded = received == 0; // what was written before the end is read first
        }
    }

    public override bool MaySleep() => !_socket.HasReceived && _reader.MaySleep();

    public override void Send(Span<Libc.Piece> pieces)
    {
        foreach (Libc.Piece piece in pieces)
        {
            for (nuint at = 0; at < piece.Length;)
            {
                int written = _writer.Write((byte*)piece.Start + at, piece.Length - at);
                if (written == 0)
                    AwaitRoom();
                else if (_writer.TakeSleepingReader())
                    _socket.RingBell();
                at += (nuint)written;
            }
        }
    }

    public override void Shutdown()
    {
        _isShutDown = true;
        _socket.Shutdown();
        Libc.WakeAll(_writer.Sleeps);
    }

    /// <summary>The memory stays: a thread that has not noticed yet may look at it.</summary>
    public override void Dispose() => _socket.Dispose();

    private static Transport TakeOffer(SocketTransport socket)
    {
        byte[] frame = ReceiveFrame(socket, out int descriptor);
        socket.Unread(frame);
        if (descriptor < 0)
            return socket;
        byte* memory = TryMap(descriptor, out int ringBytes);
        _ = Libc.Close(descriptor);
        if (memory is null)
            return socket;
        var transport = new MemoryTransport(socket, memory, ringBytes);
        SendHeader(socket);
        return transport;
    }

    private static byte[] ReceiveFrame(SocketTransport socket, out int descriptor)
    {
        var head = new byte[FrameHeader.SizeBytes];
        int at = socket.ReceiveWithDescriptor(head, out descriptor);
        Fill(socket, head.AsSpan(at));
        FrameHeader.TryRead(head, out FrameHeader header);
        var frame = new byte[head.Length + header.PayloadBytes];
        head.CopyTo(frame, 0);
        Fill(socket, frame.AsSpan(head.Length));
        return frame;
    }

    private static void Fill(SocketTransport socket, Span<byte> rest)
    {
        fixed (byte* start = rest)
        {
            for (var at = 0; at < rest.Length;)
            {
                int received = socket.Receive(start + at, rest.Length - at);
                if (received == 0)
                    throw new EndOfStreamException("the connection ended before the executor's welcome");
                at += received;
            }
        }
    }

    /// <summary>Only memory that cannot shrink under this process's hands is taken.</summary>
    private static byte* TryMap(int descriptor, out int ringBytes)
    {
        ringBytes = 0;
        int seals = Libc.Fcntl(descriptor, Libc.FcntlGetSeals, 0);
        if (seals < 0 || (seals & Libc.SealShrink) == 0)
            return null;
        nint bytes = Libc.Seek(descriptor, 0, Libc.SeekEnd);
        if (RingMemory.RingBytesOf(bytes) is not { } size)
            return null;
        ringBytes = size;
        void* memory = Libc.Map(null, (nuint)bytes, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, descriptor, 0);
        if ((nint)memory == -1)
            return null;
        _ = Libc.Advise(memory, (nuint)bytes, Libc.AdviseDontFork);
        return (byte*)memory;
    }

    private static void SendHeader(SocketTransport socket)
    {
        byte* header = stackalloc byte[FrameHeader.SizeBytes];
        new FrameHeader(0, Opcode.UseMemory, 0, 0).Write(new Span<byte>(header, FrameHeader.SizeBytes));
        Span<Libc.Piece> piece = [new Libc.Piece { Start = header, Length = FrameHeader.SizeBytes }];
        socket.Send(piece);
    }

    private void AwaitRoom()
    {
        while (!_isShutDown && !_socket.HasEnded)
        {
            if (!_writer.MaySleep())
                return;
            Libc.Sleep(_writer.Sleeps, 1, LookForPeerMilliseconds);
            if (_writer.Room > 0)
                return;
        }
        throw new IOException("the executor has ended the connection");
    }
}
