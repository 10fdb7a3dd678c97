using System.Buffers;

namespace GpuActors.Shared.Commands;

/// <summary>Writes frames. Allocates nothing; nothing is written when a command breaks a limit.</summary>
public static class CommandWriter
{
    /// <summary>Writes one frame.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ProtocolException">A field is longer than the protocol allows.</exception>
    public static int Write<T>(IBufferWriter<byte> output, ulong sequence, in T body)
        where T : IFrameBody
    {
        int payload = MeasurePayload(body, sequence);
        int total = FrameHeader.SizeBytes + payload;
        Write(output.GetSpan(total)[..total], sequence, body);
        output.Advance(total);
        return total;
    }

    /// <summary>Bytes of the frame with this body, header included.</summary>
    public static int Measure<T>(in T body)
        where T : IFrameBody => FrameHeader.SizeBytes + MeasurePayload(body, 0);

    /// <summary>Writes one frame into a span that is as long as <see cref="Measure"/> says.</summary>
    public static void Write<T>(Span<byte> span, ulong sequence, in T body)
        where T : IFrameBody
    {
        new FrameHeader(span.Length - FrameHeader.SizeBytes, body.Opcode, 0, sequence).Write(span);
        var writer = new FrameWriter(span[FrameHeader.SizeBytes..]);
        body.Write(ref writer);
    }

    /// <summary>Bytes of the payload, also when they are more than a frame may have.</summary>
    public static int MeasurePayload<T>(in T body)
        where T : IFrameBody
    {
        FrameWriter counter = FrameWriter.Counting;
        body.Write(ref counter);
        return counter.Position;
    }

    private static int MeasurePayload<T>(in T body, ulong sequence)
        where T : IFrameBody
    {
        int bytes = MeasurePayload(body);
        return bytes <= ProtocolLimits.MaxPayloadBytes
            ? bytes
            : throw new ProtocolException(
                $"{body.Opcode} #{sequence}: payload of {bytes} bytes; " +
                $"at most {ProtocolLimits.MaxPayloadBytes} are allowed");
    }
}
