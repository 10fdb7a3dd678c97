using System.Net.Sockets;

namespace GpuActors.Interception.Streams;

/// <summary>
/// A socket as a stream whose calls block, the asynchronous ones too, so that handshake and TLS run on the calling
/// thread. It never hands out more than the rest of one TLS record once <see cref="FollowRecords"/> is set: then whatever
/// was received and not yet read lies in <see cref="HasBuffered"/>, and waiting on the socket is right otherwise.
/// </summary>
internal sealed unsafe class SocketStream(SocketTransport transport) : Stream
{
    private const int RecordHeaderBytes = 5;

    private readonly byte[] _buffer = new byte[64 << 10];
    private int _first;
    private int _count;
    private int _recordLeft;

    /// <summary>Whether reads end with TLS records.</summary>
    public bool FollowRecords { get; set; }

    /// <summary>Whether a record, or a part of one, lies in the buffer.</summary>
    public bool HasBuffered => _count > 0;

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
        if (!FollowRecords)
        {
            fixed (byte* start = buffer)
                return transport.Receive(start, buffer.Length);
        }
        if (_recordLeft == 0)
        {
            if (!Have(RecordHeaderBytes))
                return 0;
            _recordLeft = RecordHeaderBytes + ((_buffer[_first + 3] << 8) | _buffer[_first + 4]);
        }
        if (_count == 0 && !Have(1))
            return 0;
        int length = Math.Min(Math.Min(_count, _recordLeft), buffer.Length);
        _buffer.AsSpan(_first, length).CopyTo(buffer);
        _first += length;
        _count -= length;
        _recordLeft -= length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            Span<Libc.Piece> piece = [new Libc.Piece { Start = start, Length = (nuint)buffer.Length }];
            transport.Send(piece);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool Have(int bytes)
    {
        if (_count == 0)
            _first = 0;
        while (_count < bytes)
        {
            if (_first + bytes > _buffer.Length)
            {
                _buffer.AsSpan(_first, _count).CopyTo(_buffer);
                _first = 0;
            }
            int end = _first + _count;
            fixed (byte* start = _buffer)
            {
                int received = transport.Receive(start + end, _buffer.Length - end);
                if (received == 0)
                    return false;
                _count += received;
            }
        }
        return true;
    }
}
