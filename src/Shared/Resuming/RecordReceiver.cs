using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Resuming;

/// <summary>
/// Records become a stream of bytes again. Plain data: it is given what a connection brings. Bytes are taken by the reader,
/// or put aside while the reader is busy, so that records behind them are seen; both are bounded by the window.
/// </summary>
/// <param name="sender">Hears what is acknowledged.</param>
public sealed class RecordReceiver(RecordSender sender)
{
    private byte[]? _aside; // a ring; the byte at position p of the stream lies at p modulo its length
    private ulong _asideBytes;
    private ulong _consumed;
    private bool _isLast;

    /// <summary>Bytes that the reader has taken.</summary>
    public ulong Consumed => Volatile.Read(ref _consumed);

    /// <summary>Bytes that need not come again.</summary>
    public ulong Received => _consumed + Volatile.Read(ref _asideBytes);

    /// <summary>Whether bytes were put aside.</summary>
    public bool HasAside => Volatile.Read(ref _asideBytes) > 0;

    /// <summary>Whether the other side has said that it makes no other connection.</summary>
    public bool IsLast => Volatile.Read(ref _isLast);

    /// <summary>Bytes of the record under way that have not come.</summary>
    public int Left { get; private set; }

    /// <summary>Takes a header, which comes when nothing is <see cref="Left"/>.</summary>
    /// <exception cref="ProtocolException">It does not fit to what was said before.</exception>
    public void Begin(in RecordHeader header)
    {
        if (header.Kind == RecordKind.Open)
            throw new ProtocolException("a record Open within a connection");
        sender.Acknowledge(header.Position);
        if (header.Kind == RecordKind.Last)
            Volatile.Write(ref _isLast, true);
        if (_asideBytes + (ulong)header.Length > RecordHeader.WindowBytes)
        {
            throw new ProtocolException(
                $"a record of {header.Length} bytes beyond {_asideBytes} that wait; {RecordHeader.WindowBytes} may");
        }
        Left = header.Length;
    }

    /// <summary>The reader has taken bytes of the record under way.</summary>
    public void Consume(int bytes)
    {
        Left -= bytes;
        Volatile.Write(ref _consumed, _consumed + (ulong)bytes);
    }

    /// <summary>Bytes of the record under way wait for the reader.</summary>
    public void PutAside(ReadOnlySpan<byte> bytes)
    {
        _aside ??= GC.AllocateUninitializedArray<byte>(RecordHeader.WindowBytes);
        var at = (int)(Received % RecordHeader.WindowBytes);
        int first = Math.Min(bytes.Length, _aside.Length - at);
        bytes[..first].CopyTo(_aside.AsSpan(at));
        bytes[first..].CopyTo(_aside);
        Left -= bytes.Length;
        Volatile.Write(ref _asideBytes, _asideBytes + (ulong)bytes.Length);
    }

    /// <summary>The reader takes what was put aside, in order. 0: nothing is.</summary>
    public int TakeAside(Span<byte> into)
    {
        if (_asideBytes == 0)
            return 0;
        var at = (int)(_consumed % RecordHeader.WindowBytes);
        int length = Math.Min((int)Math.Min(_asideBytes, (ulong)into.Length), _aside!.Length - at);
        _aside.AsSpan(at, length).CopyTo(into);
        Volatile.Write(ref _consumed, _consumed + (ulong)length);
        Volatile.Write(ref _asideBytes, _asideBytes - (ulong)length);
        return length;
    }

    /// <summary>Another connection begins: the rest of the record under way comes again.</summary>
    public void Restart() => Left = 0;
}
