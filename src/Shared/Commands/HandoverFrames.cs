namespace GpuActors.Shared.Commands;

/// <summary>
/// Worker to executor, on the hand-over socket: the connected socket that comes with this frame is a client's; the
/// open session's commands come from there. Answered by <see cref="StreamEnded"/>, whenever that is.
/// </summary>
/// <param name="Certificate">DER of the certificate for TLS; empty: the stream is not encrypted.</param>
/// <param name="Key">The certificate's private key, PKCS #8; empty without a certificate.</param>
public readonly record struct TakeClient(Bytes Certificate, Bytes Key) : IFrameBody<TakeClient>
{
    public static Opcode Code => Opcode.TakeClient;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.Bytes(Certificate.Span, ProtocolLimits.MaxCertificateBytes, "certificate");
        writer.Bytes(Key.Span, ProtocolLimits.MaxCertificateBytes, "key");
    }

    public static TakeClient Read(ref FrameReader reader) => new(
        reader.Bytes(ProtocolLimits.MaxCertificateBytes, "certificate"),
        reader.Bytes(ProtocolLimits.MaxCertificateBytes, "key"));
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
