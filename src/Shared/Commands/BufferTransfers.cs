namespace GpuActors.Shared.Commands;

/// <summary>Reads a part of a buffer: Data frames, then Done.</summary>
public readonly record struct ReadBuffer(
    Enqueue Enqueue, ulong Buffer, ulong Offset, ulong SizeBytes, TransferPurpose Purpose = TransferPurpose.Explicit)
    : ICommand<Done>, IEnqueueCommand, IFrameBody<ReadBuffer>
{
    public static Opcode Code => Opcode.ReadBuffer;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U8((byte)Purpose);
        writer.U64(Buffer);
        writer.U64(Offset);
        writer.U64(SizeBytes);
    }

    public static ReadBuffer Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        var purpose = (TransferPurpose)reader.U8("purpose");
        return new ReadBuffer(enqueue, reader.U64("buffer"), reader.U64("offset"), reader.U64("size"), purpose);
    }
}

/// <summary>Writes a part of a buffer from the data that follows.</summary>
public readonly record struct WriteBuffer(
    Enqueue Enqueue, ulong Buffer, ulong Offset, ulong DataBytes, TransferPurpose Purpose = TransferPurpose.Explicit)
    : ICarriesData, IEnqueueCommand, IFrameBody<WriteBuffer>
{
    public static Opcode Code => Opcode.WriteBuffer;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => ulong.MaxValue;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U8((byte)Purpose);
        writer.U64(Buffer);
        writer.U64(Offset);
        writer.U64(DataBytes);
    }

    public static WriteBuffer Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        var purpose = (TransferPurpose)reader.U8("purpose");
        return new WriteBuffer(enqueue, reader.U64("buffer"), reader.U64("offset"), reader.U64("data bytes"), purpose);
    }
}

/// <summary>Copies between two buffers, or within one where the ranges do not overlap.</summary>
public readonly record struct CopyBuffer(
    Enqueue Enqueue, ulong Source, ulong Destination, ulong SourceOffset, ulong DestinationOffset, ulong SizeBytes)
    : IEnqueueCommand, IFrameBody<CopyBuffer>
{
    public static Opcode Code => Opcode.CopyBuffer;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Source);
        writer.U64(Destination);
        writer.U64(SourceOffset);
        writer.U64(DestinationOffset);
        writer.U64(SizeBytes);
    }

    public static CopyBuffer Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("source"), reader.U64("destination"), reader.U64("source offset"),
        reader.U64("destination offset"), reader.U64("size"));
}

/// <summary>Fills a part of a buffer with a pattern.</summary>
/// <param name="Enqueue">Queue, event, wait list.</param>
/// <param name="Buffer">Buffer id.</param>
/// <param name="Offset">First byte; a multiple of the pattern's length.</param>
/// <param name="SizeBytes">Bytes to fill; a multiple of the pattern's length.</param>
/// <param name="Pattern">1, 2, 4, 8, 16, 32, 64 or 128 bytes.</param>
public readonly record struct FillBuffer(Enqueue Enqueue, ulong Buffer, ulong Offset, ulong SizeBytes, Bytes Pattern)
    : IEnqueueCommand, IFrameBody<FillBuffer>
{
    public static Opcode Code => Opcode.FillBuffer;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Buffer);
        writer.U64(Offset);
        writer.U64(SizeBytes);
        writer.Bytes(Pattern.Span, ProtocolLimits.MaxPatternBytes, "pattern");
    }

    public static FillBuffer Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("buffer"), reader.U64("offset"), reader.U64("size"),
        reader.Bytes(ProtocolLimits.MaxPatternBytes, "pattern"));
}
