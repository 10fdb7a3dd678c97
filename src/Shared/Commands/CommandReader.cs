namespace GpuActors.Shared.Commands;

/// <summary>Finds frames in received bytes and reads their payloads.</summary>
public static class CommandReader
{
    /// <summary>
    /// Takes the next whole frame off <paramref name="received"/>. False when it is not complete yet, and then
    /// <paramref name="received"/> is as before.
    /// </summary>
    /// <exception cref="ProtocolException">The header is not of this protocol.</exception>
    public static bool TryReadFrame(ref ReadOnlyMemory<byte> received, out Frame frame)
    {
        frame = default;
        if (!FrameHeader.TryRead(received.Span, out FrameHeader header))
            return false;
        int total = FrameHeader.SizeBytes + header.PayloadBytes;
        if (received.Length < total)
            return false;
        frame = new Frame(header, received[FrameHeader.SizeBytes..total]);
        received = received[total..];
        return true;
    }

    /// <summary>Reads the payload as a <typeparamref name="T"/>.</summary>
    /// <exception cref="ProtocolException">Another opcode, truncated, over a limit, or bytes left over.</exception>
    public static T Read<T>(in Frame frame)
        where T : struct, IFrameBody<T>
    {
        if (frame.Opcode != T.Code)
            throw new ProtocolException($"{frame.Opcode} #{frame.Sequence}: a {T.Code} frame was expected here");
        var reader = new FrameReader(frame);
        T body = T.Read(ref reader);
        reader.End();
        return body;
    }

    /// <summary>Reads any frame's payload, boxed: for logs, traces and tests rather than for the hot path.</summary>
    /// <exception cref="ProtocolException">Truncated, over a limit, or bytes left over.</exception>
    public static IFrameBody ReadAny(in Frame frame) => FrameCatalog.Read(frame);
}
