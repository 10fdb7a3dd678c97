using System.Buffers;
using System.Buffers.Binary;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>What the start of a byte stream holds.</summary>
enum FrameStatus
{
    /// <summary>A whole frame.</summary>
    Complete,

    /// <summary>The beginning of a frame; more bytes are needed.</summary>
    Incomplete,

    /// <summary>A header that claims no bytes or too many: the stream cannot be trusted any further.</summary>
    Refused,
}

/// <summary>
/// Frames: a length of four bytes, little-endian, then that many bytes (1 to a limit). The length is judged as soon as
/// it is there, before anything is allocated or waited for on its word.
/// </summary>
static class FrameCodec
{
    /// <summary>Bytes of the length header.</summary>
    public const int HeaderBytes = 4;

    /// <summary>Cuts the first frame off <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Received bytes; advanced past the frame when it is complete, otherwise untouched.</param>
    /// <param name="maxBytes">The longest frame allowed, header not counted.</param>
    /// <param name="frame">The frame without its header when complete.</param>
    /// <param name="claimedBytes">The length that the header claims; 0 while the header itself is incomplete.</param>
    public static FrameStatus TryRead(
        ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> frame, out uint claimedBytes)
    {
        frame = default;
        claimedBytes = 0;
        if (buffer.Length < HeaderBytes)
        {
            return FrameStatus.Incomplete;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        claimedBytes = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (claimedBytes == 0 || claimedBytes > (uint)maxBytes)
        {
            return FrameStatus.Refused;
        }

        if (buffer.Length - HeaderBytes < claimedBytes)
        {
            return FrameStatus.Incomplete;
        }

        frame = buffer.Slice(HeaderBytes, claimedBytes);
        buffer = buffer.Slice(frame.End);
        return FrameStatus.Complete;
    }

    /// <summary>Writes a header for a frame of <paramref name="frameBytes"/> bytes.</summary>
    public static void WriteHeader(Span<byte> destination, int frameBytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)frameBytes);

    /// <summary>Appends <paramref name="body"/> as one frame.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> body)
    {
        var span = output.GetSpan(HeaderBytes + body.Length);
        WriteHeader(span, body.Length);
        body.CopyTo(span[HeaderBytes..]);
        output.Advance(HeaderBytes + body.Length);
    }
}
