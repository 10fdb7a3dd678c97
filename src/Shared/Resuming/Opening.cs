using System.Buffers.Binary;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Resuming;

/// <summary>What each side says first on a connection.</summary>
/// <param name="Received">Bytes of the other side's stream that it has received.</param>
/// <param name="Consumed">Those that its reader has taken: an acknowledgement may have been lost.</param>
/// <param name="KeepMilliseconds">How long it keeps its side without a connection; 0: not at all, or it is who connects.</param>
/// <param name="Connection">1 for the stream's first connection, and more for each try of another; 0: it is connected to.</param>
public readonly record struct Opening(ulong Received, ulong Consumed, uint KeepMilliseconds = 0, uint Connection = 0)
{
    private const int KeepOffset = RecordHeader.SizeBytes + sizeof(ulong);
    private const int RecordBytes = RecordHeader.SizeBytes + RecordHeader.OpenBytes;

    /// <summary>Says it.</summary>
    /// <returns>False: the connection has ended.</returns>
    public unsafe bool TrySend(StreamLink link)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        new RecordHeader(RecordKind.Open, RecordHeader.OpenBytes, Received).Write(record);
        BinaryPrimitives.WriteUInt64LittleEndian(record[RecordHeader.SizeBytes..], Consumed);
        BinaryPrimitives.WriteUInt32LittleEndian(record[KeepOffset..], KeepMilliseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(record[(KeepOffset + sizeof(uint))..], Connection);
        fixed (byte* start = record)
        {
            var piece = new MemoryPiece { Start = start, Length = RecordBytes };
            while (piece.Length > 0)
            {
                nint sent = link.Send(&piece, 1, mayWait: true);
                if (sent <= 0)
                    return false;
                piece.Start += sent;
                piece.Length -= (nuint)sent;
            }
        }
        return true;
    }

    /// <summary>Waits for what the other side says, and takes nothing behind it.</summary>
    /// <returns>False: the connection has ended.</returns>
    /// <exception cref="ProtocolException">It says something else.</exception>
    public static unsafe bool TryReceive(StreamLink link, out Opening opening)
    {
        opening = default;
        Span<byte> record = stackalloc byte[RecordBytes];
        fixed (byte* start = record)
        {
            for (var at = 0; at < RecordBytes;)
            {
                int read = link.Receive(start + at, RecordBytes - at);
                if (read == 0)
                    return false;
                at += read;
            }
        }
        RecordHeader header = RecordHeader.Read(record);
        if (header.Kind != RecordKind.Open)
            throw new ProtocolException($"a connection begins with {header.Kind}; Open is first");
        opening = new Opening(
            header.Position,
            BinaryPrimitives.ReadUInt64LittleEndian(record[RecordHeader.SizeBytes..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[KeepOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[(KeepOffset + sizeof(uint))..]));
        return true;
    }
}
