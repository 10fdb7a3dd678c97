using GpuActors.Shared.Security;

namespace GpuActors.Shared.Commands;

/// <summary>
/// Worker to executor, on the hand-over socket: the connected socket that comes with this frame is a client's; the
/// open session's commands come from there. Answered by <see cref="StreamEnded"/>, whenever that is.
/// </summary>
/// <param name="Certificate">DER of the certificate for TLS; empty: the stream is not encrypted.</param>
/// <param name="Key">The certificate's private key, PKCS #8; empty without a certificate.</param>
/// <param name="Authorities">Whose certificates the client may show, in PEM; empty: it need not show one.</param>
public readonly record struct TakeClient(Bytes Certificate, Bytes Key, Bytes Authorities = default) : IFrameBody<TakeClient>
{
    public static Opcode Code => Opcode.TakeClient;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.Bytes(Certificate.Span, ProtocolLimits.MaxCertificateBytes, "certificate");
        writer.Bytes(Key.Span, ProtocolLimits.MaxCertificateBytes, "key");
        writer.Bytes(Authorities.Span, TrustedAuthorities.MaxBytes, "authorities");
    }

    public static TakeClient Read(ref FrameReader reader) => new(
        reader.Bytes(ProtocolLimits.MaxCertificateBytes, "certificate"),
        reader.Bytes(ProtocolLimits.MaxCertificateBytes, "key"),
        reader.Bytes(TrustedAuthorities.MaxBytes, "authorities"));
}

/// <summary>
/// Worker to executor, on the hand-over socket: as <see cref="TakeClient"/>, for a stream in records, or for another
/// connection of such a stream. Only the first is answered by <see cref="StreamEnded"/>.
/// </summary>
/// <param name="Stream">As the client named it.</param>
/// <param name="Resumes">Another connection of that stream, if it is still there.</param>
/// <param name="KeepMilliseconds">How long the stream is kept without a connection.</param>
/// <param name="Client">The connection.</param>
public readonly record struct TakeResumable(Guid Stream, bool Resumes, uint KeepMilliseconds, TakeClient Client)
    : IFrameBody<TakeResumable>
{
    private const int StreamBytes = 16;

    public static Opcode Code => Opcode.TakeResumable;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Span<byte> stream = stackalloc byte[StreamBytes];
        Stream.TryWriteBytes(stream);
        writer.Raw(stream);
        writer.Bool(Resumes);
        writer.U32(KeepMilliseconds);
        Client.Write(ref writer);
    }

    public static TakeResumable Read(ref FrameReader reader) => new(
        new Guid(reader.Raw(StreamBytes, "stream").Span), reader.Bool("resumes"), reader.U32("milliseconds"),
        TakeClient.Read(ref reader));
}

/// <summary>Executor to worker, on the hand-over socket: a stream has lost its connection, or has another one.</summary>
/// <param name="IsLinked">It has one.</param>
/// <param name="Text">For people.</param>
public readonly record struct StreamLinked(bool IsLinked, string Text) : IFrameBody<StreamLinked>
{
    public static Opcode Code => Opcode.StreamLinked;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.Bool(IsLinked);
        writer.Text(Text, ProtocolLimits.MaxTextBytes, "text");
    }

    public static StreamLinked Read(ref FrameReader reader) => new(
        reader.Bool("linked"), reader.Text(ProtocolLimits.MaxTextBytes, "text"));
}

/// <summary>
/// Executor to worker, on the hand-over socket: the client is gone, or was sent away. What it left is still there until
/// the worker's <see cref="Reset"/>.
/// </summary>
/// <param name="Error">0: the client ended its stream; otherwise why it was ended.</param>
/// <param name="Commands">Commands that were taken.</param>
/// <param name="BytesIn">Bytes received.</param>
/// <param name="BytesOut">Bytes sent.</param>
/// <param name="Text">For people.</param>
public readonly record struct StreamEnded(int Error, ulong Commands, ulong BytesIn, ulong BytesOut, string Text)
    : IFrameBody<StreamEnded>
{
    public static Opcode Code => Opcode.StreamEnded;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.I32(Error);
        writer.U64(Commands);
        writer.U64(BytesIn);
        writer.U64(BytesOut);
        writer.Text(Text, ProtocolLimits.MaxTextBytes, "text");
    }

    public static StreamEnded Read(ref FrameReader reader) => new(
        reader.I32("error"), reader.U64("commands"), reader.U64("bytes in"), reader.U64("bytes out"),
        reader.Text(ProtocolLimits.MaxTextBytes, "text"));
}
