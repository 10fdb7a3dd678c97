using System.Buffers.Binary;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Resuming;

/// <summary>What a record of a resumable stream is.</summary>
public enum RecordKind : byte
{
    /// <summary>Bytes of the stream follow, at least one.</summary>
    Data = 1,

    /// <summary>Nothing follows: only the position is of interest.</summary>
    Acknowledgement = 2,

    /// <summary>
    /// Nothing follows. The sender makes no other connection: when this one ends, the stream does. Data may come before that.
    /// </summary>
    Last = 3,

    /// <summary>
    /// First on each connection, followed by how many bytes the sender has consumed (u64; the position is what it has
    /// received), how long it keeps its side of the stream without a connection (u32 milliseconds, from who is connected to),
    /// and the connection's number, which grows (u32, from who connects).
    /// </summary>
    Open = 4,
}

/// <summary>The head of a record: length u32, kind u8, three zero bytes, position u64.</summary>
/// <param name="Kind">What follows.</param>
/// <param name="Length">Bytes that follow.</param>
/// <param name="Position">
/// Bytes of the other side's stream that the sender of the record has consumed; in <see cref="RecordKind.Open"/> those that
/// it has received, with which the other side goes on.
/// </param>
public readonly record struct RecordHeader(RecordKind Kind, int Length, ulong Position)
{
    /// <summary>Bytes of a header.</summary>
    public const int SizeBytes = 16;

    /// <summary>Most bytes of the stream in one record.</summary>
    public const int MaxDataBytes = 1 << 20;

    /// <summary>Bytes that follow the header of <see cref="RecordKind.Open"/>.</summary>
    public const int OpenBytes = sizeof(ulong) + (2 * sizeof(uint));

    /// <summary>Most bytes that are sent beyond what the other side has consumed; each side keeps that many.</summary>
    public const int WindowBytes = 4 << 20;

    private const int KindOffset = 4;
    private const int PositionOffset = 8;

    /// <summary>Writes <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[KindOffset..], (uint)Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[PositionOffset..], Position);
    }

    /// <summary>Reads <see cref="SizeBytes"/> bytes.</summary>
    /// <exception cref="ProtocolException">They are no header.</exception>
    public static RecordHeader Read(ReadOnlySpan<byte> source)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(source[KindOffset..]);
        bool isRight = kind switch
        {
            (uint)RecordKind.Data => length is > 0 and <= MaxDataBytes,
            (uint)RecordKind.Acknowledgement or (uint)RecordKind.Last => length == 0,
            (uint)RecordKind.Open => length == OpenBytes,
            _ => throw new ProtocolException($"a record of kind {kind}; 1 to 4 are known"),
        };
        return isRight
            ? new RecordHeader((RecordKind)kind, (int)length, BinaryPrimitives.ReadUInt64LittleEndian(source[PositionOffset..]))
            : throw new ProtocolException($"a record {(RecordKind)kind} of {length} bytes");
    }
}
