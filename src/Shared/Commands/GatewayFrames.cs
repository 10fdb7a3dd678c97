namespace GpuActors.Shared.Commands;

/// <summary>
/// First frame on a connection to a worker's gateway, from the worker: what to prove, so that a recorded
/// <see cref="Connect"/> is worth nothing.
/// </summary>
/// <param name="VersionMin">Oldest version that the worker speaks.</param>
/// <param name="VersionMax">Newest version that the worker speaks.</param>
/// <param name="Tls">A TLS handshake follows right after <see cref="Accepted"/>.</param>
/// <param name="Nonce"><see cref="NonceBytes"/> random bytes.</param>
/// <param name="WantsCertificate">In the TLS handshake the client has to show a certificate, too.</param>
public readonly record struct Challenge(
    ushort VersionMin, ushort VersionMax, bool Tls, Bytes Nonce, bool WantsCertificate = false) : IFrameBody<Challenge>
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 32;

    private const byte TlsFlag = 1;
    private const byte CertificateFlag = 2;

    public static Opcode Code => Opcode.Challenge;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U32(Hello.Magic);
        writer.U16(VersionMin);
        writer.U16(VersionMax);
        writer.U8((byte)((Tls ? TlsFlag : 0) | (WantsCertificate ? CertificateFlag : 0)));
        writer.Raw(Nonce.Span);
    }

    public static Challenge Read(ref FrameReader reader)
    {
        if (reader.U32("magic") != Hello.Magic)
            throw reader.Wrong("magic", "is not \"GPUA\"");
        ushort min = reader.U16("oldest version");
        ushort max = reader.U16("newest version");
        byte flags = reader.U8("flags");
        if (flags > (TlsFlag | CertificateFlag))
            throw reader.Wrong("flags", $"are 0x{flags:X2}; only bits 0 (TLS) and 1 (client's certificate) are known");
        Bytes nonce = reader.Raw(NonceBytes, "nonce");
        return new Challenge(min, max, (flags & TlsFlag) != 0, nonce, (flags & CertificateFlag) != 0);
    }
}

/// <summary>
/// A client's answer to <see cref="Challenge"/>: which ticket it has, and the proof that it has all of it. The ticket's
/// signature is the secret between the two sides and never crosses the wire. Answered by <see cref="Accepted"/> or
/// <see cref="Goodbye"/>.
/// </summary>
/// <param name="Version">Version that the client has chosen out of the worker's.</param>
/// <param name="Kind">What the connection is for.</param>
/// <param name="Stream">Random; the same for all connections of one command stream.</param>
/// <param name="Nonce"><see cref="Challenge.NonceBytes"/> random bytes.</param>
/// <param name="Ticket">The ticket without its signature: <c>gat1.PAYLOAD</c>.</param>
/// <param name="Mac"><see cref="MacBytes"/> bytes: the proof over everything before it.</param>
public readonly record struct Connect(
    ushort Version, ConnectionKind Kind, Guid Stream, Bytes Nonce, string Ticket, Bytes Mac) : IFrameBody<Connect>
{
    /// <summary>Bytes of a proof, HMAC-SHA256.</summary>
    public const int MacBytes = 32;

    private const int StreamBytes = 16;

    public static Opcode Code => Opcode.Connect;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        WriteProved(ref writer);
        writer.Raw(Mac.Span);
    }

    public static Connect Read(ref FrameReader reader)
    {
        if (reader.U32("magic") != Hello.Magic)
            throw reader.Wrong("magic", "is not \"GPUA\"");
        ushort version = reader.U16("version");
        byte kind = reader.U8("connection");
        if (kind > (byte)ConnectionKind.Resumable)
            throw reader.Wrong("connection", $"is {kind}; 0 (main), 1 (bulk), 2 (hold), 3 (resume) or 4 (resumable) is allowed");
        var stream = new Guid(reader.Raw(StreamBytes, "stream").Span);
        Bytes nonce = reader.Raw(Challenge.NonceBytes, "nonce");
        string ticket = reader.Text(ProtocolLimits.MaxTicketBytes, "ticket");
        return new Connect(version, (ConnectionKind)kind, stream, nonce, ticket, reader.Raw(MacBytes, "mac"));
    }

    /// <summary>The payload before the proof, which the proof is over.</summary>
    public byte[] Proved()
    {
        FrameWriter counter = FrameWriter.Counting;
        WriteProved(ref counter);
        var bytes = new byte[counter.Position];
        var writer = new FrameWriter(bytes);
        WriteProved(ref writer);
        return bytes;
    }

    private void WriteProved(ref FrameWriter writer)
    {
        writer.U32(Hello.Magic);
        writer.U16(Version);
        writer.U8((byte)Kind);
        Span<byte> stream = stackalloc byte[StreamBytes];
        Stream.TryWriteBytes(stream);
        writer.Raw(stream);
        writer.Raw(Nonce.Span);
        writer.Text(Ticket, ProtocolLimits.MaxTicketBytes, "ticket");
    }
}

/// <summary>The worker has checked the ticket, and proves that it knows its signature too.</summary>
/// <param name="Mac"><see cref="Connect.MacBytes"/> bytes.</param>
public readonly record struct Accepted(Bytes Mac) : IFrameBody<Accepted>
{
    public static Opcode Code => Opcode.Accepted;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.Raw(Mac.Span);

    public static Accepted Read(ref FrameReader reader) => new(reader.Raw(Connect.MacBytes, "mac"));
}
