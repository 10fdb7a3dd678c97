using System.Buffers.Binary;

namespace GpuActors.Shared.Commands;

/// <summary>
/// The sixteen bytes before every payload, little-endian: payload length u32, opcode u16, flags u16, sequence u64.
/// </summary>
/// <param name="PayloadBytes">Bytes after the header, at most <see cref="ProtocolLimits.MaxPayloadBytes"/>.</param>
/// <param name="Opcode">What the payload is.</param>
/// <param name="Flags">Zero in version 1; a receiver refuses bits that it does not know.</param>
/// <param name="Sequence">
/// Client to executor: this command's number, strictly growing in a session (a Data frame repeats its command's).
/// Executor to client: the command that the frame is about; 0 when it is about none.
/// </param>
public readonly record struct FrameHeader(int PayloadBytes, Opcode Opcode, ushort Flags, ulong Sequence)
{
    /// <summary>Bytes of a header on the wire.</summary>
    public const int SizeBytes = 16;

    /// <summary>Reads and checks a header. False when fewer than <see cref="SizeBytes"/> bytes are there yet.</summary>
    /// <exception cref="ProtocolException">Too long a payload, an unknown opcode, or unknown flags.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        if (bytes.Length < SizeBytes)
        {
            header = default;
            return false;
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var opcode = (Opcode)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        if (!FrameCatalog.IsKnown(opcode))
            throw new ProtocolException($"frame #{sequence}: opcode 0x{(int)opcode:X4} is not known; is the peer newer?");
        if (length > ProtocolLimits.MaxPayloadBytes)
        {
            throw new ProtocolException(
                $"{opcode} #{sequence}: payload of {length} bytes; at most {ProtocolLimits.MaxPayloadBytes} are allowed");
        }
        if (flags != 0)
            throw new ProtocolException($"{opcode} #{sequence}: flags 0x{flags:X4}; version 1 knows none");
        header = new FrameHeader((int)length, opcode, flags, sequence);
        return true;
    }

    /// <summary>Writes the header to the first <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)PayloadBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)Opcode);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Sequence);
    }
}
