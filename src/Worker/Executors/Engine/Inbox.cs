using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Received bytes, cut into frames. Belongs to the reader thread. Content of Data frames goes around the buffer,
/// straight to where it is wanted.
/// </summary>
internal sealed unsafe class Inbox(ClientTransport transport)
{
    private readonly byte[] _buffer =
        GC.AllocateUninitializedArray<byte>(ProtocolLimits.MaxFrameBytes + (64 << 10), pinned: true);
    private int _first;
    private int _count;

    /// <summary>Bytes taken off the wire so far.</summary>
    public ulong ConsumedBytes { get; private set; }

    /// <summary>The header of the next frame when all of it, and of its payload so much, is buffered.</summary>
    /// <exception cref="ProtocolException">The header is not of this protocol.</exception>
    public bool TryPeek(out FrameHeader header)
    {
        if (!FrameHeader.TryRead(_buffer.AsSpan(_first, _count), out header))
            return false;
        int needed = header.Opcode == Opcode.Data
            ? Math.Min(header.PayloadBytes, Data.PrefixBytes)
            : header.PayloadBytes;
        return _count >= FrameHeader.SizeBytes + needed;
    }

    /// <summary>The whole frame of a peeked header. Valid until the next <see cref="Receive"/>.</summary>
    public Frame TakeFrame(in FrameHeader header)
    {
        var frame = new Frame(header, _buffer.AsMemory(_first + FrameHeader.SizeBytes, header.PayloadBytes));
        Consume(FrameHeader.SizeBytes + header.PayloadBytes);
        return frame;
    }

    /// <summary>Takes bytes that <see cref="TryPeek"/> has promised.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> taken = _buffer.AsSpan(_first, length);
        Consume(length);
        return taken;
    }

    /// <summary>Fills <paramref name="destination"/> from the buffer and then from the transport. False at its end.</summary>
    public bool Fill(Span<byte> destination)
    {
        int buffered = Math.Min(_count, destination.Length);
        _buffer.AsSpan(_first, buffered).CopyTo(destination);
        Consume(buffered);
        destination = destination[buffered..];
        while (destination.Length > 0)
        {
            int read = ReceiveInto(destination);
            if (read == 0)
                return false;
            ConsumedBytes += (ulong)read;
            destination = destination[read..];
        }
        return true;
    }

    /// <summary>Waits for more bytes. False at the end of the stream.</summary>
    public bool Receive() => Receive(_buffer.Length);

    /// <summary>
    /// As <see cref="Receive()"/>, where the header of a Data frame is expected: what follows it is left for
    /// <see cref="Fill"/>, and is copied once less.
    /// </summary>
    public bool ReceiveDataHeader() => Receive(Math.Max(1, FrameHeader.SizeBytes + Data.PrefixBytes - _count));

    private bool Receive(int atMost)
    {
        if (_first > 0)
        {
            _buffer.AsSpan(_first, _count).CopyTo(_buffer);
            _first = 0;
        }
        int read = ReceiveInto(_buffer.AsSpan(_count, Math.Min(atMost, _buffer.Length - _count)));
        _count += read;
        return read > 0;
    }

    private void Consume(int bytes)
    {
        _first += bytes;
        _count -= bytes;
        ConsumedBytes += (ulong)bytes;
        if (_count == 0)
            _first = 0;
    }

    private int ReceiveInto(Span<byte> destination)
    {
        fixed (byte* pointer = destination)
            return transport.Receive(pointer, destination.Length);
    }
}
