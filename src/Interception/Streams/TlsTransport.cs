namespace GpuActors.Interception.Streams;

/// <summary>A stream inside TLS.</summary>
internal sealed unsafe class TlsTransport(SocketTransport socket, SocketStream records, Stream secured) : Transport
{
    /// <summary>A record's most; what is read with room for that leaves nothing behind in the TLS layer.</summary>
    private const int RecordBytes = 16 << 10;

    private readonly byte[] _plain = new byte[RecordBytes];
    private int _first;
    private int _count;

    public override int Descriptor => socket.Descriptor;

    public override bool HasReceived => _count > 0 || records.HasBuffered;

    public override bool HasRoom => socket.HasRoom;

    public override int Receive(byte* into, int bytes, bool mayWait = true)
    {
        if (_count == 0)
        {
            if (!mayWait && !records.HasBuffered && !socket.HasBytes)
                return NothingYet; // of a record that has begun the rest is on its way
            if (bytes >= RecordBytes)
                return secured.Read(new Span<byte>(into, bytes));
            _first = 0;
            _count = secured.Read(_plain);
        }
        int length = Math.Min(bytes, _count);
        _plain.AsSpan(_first, length).CopyTo(new Span<byte>(into, length));
        _first += length;
        _count -= length;
        return length;
    }

    public override void Send(Span<Libc.Piece> pieces)
    {
        foreach (Libc.Piece piece in pieces)
        {
            if (piece.Length > 0)
                secured.Write(new ReadOnlySpan<byte>(piece.Start, (int)piece.Length));
        }
    }

    public override void Shutdown() => socket.Shutdown();

    public override void Dispose()
    {
        secured.Dispose();
        socket.Dispose();
    }
}
