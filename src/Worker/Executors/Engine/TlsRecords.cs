namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// The encrypted side of a <see cref="TlsTransport"/>: blocking reads and writes of its socket, many records with each,
/// where TLS reads and writes one at a time.
/// </summary>
internal sealed unsafe class TlsRecords(SocketTransport socket) : Stream
{
    private const int BufferBytes = 128 << 10;

    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly byte[] _leaving = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly Lock _sending = new(); // a reader may have to answer a record of TLS's own
    private int _first;
    private int _count;
    private int _leavingBytes;

    /// <summary>Whether received bytes lie here.</summary>
    public bool HasReceived => Volatile.Read(ref _count) > 0;

    /// <summary>Whether writes wait for <see cref="Flush"/>, or for the buffer to be full.</summary>
    public bool IsGathering { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_count == 0)
        {
            _first = 0;
            fixed (byte* start = _received)
                _count = socket.Receive(start, _received.Length);
        }
        int length = Math.Min(_count, buffer.Length);
        _received.AsSpan(_first, length).CopyTo(buffer);
        _first += length;
        _count -= length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Sends the bytes, or keeps them while it gathers.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_sending)
        {
            while (buffer.Length > 0)
            {
                if (_leavingBytes == _leaving.Length)
                    SendAll();
                int length = Math.Min(buffer.Length, _leaving.Length - _leavingBytes);
                buffer[..length].CopyTo(_leaving.AsSpan(_leavingBytes));
                _leavingBytes += length;
                buffer = buffer[length..];
            }
            if (!IsGathering)
                SendAll();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Sends what is kept.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    public override void Flush()
    {
        lock (_sending)
            SendAll();
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void SendAll()
    {
        fixed (byte* start = _leaving)
        {
            for (var at = 0; at < _leavingBytes;)
            {
                var vector = new Libc.IoVector { Start = start + at, Length = (nuint)(_leavingBytes - at) };
                nint sent = socket.Send(&vector, 1, mayWait: true);
                if (sent == ClientTransport.Gone)
                    throw new IOException("the client is gone");
                at += (int)sent;
            }
        }
        _leavingBytes = 0;
    }
}
