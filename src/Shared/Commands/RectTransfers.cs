namespace GpuActors.Shared.Commands;

/// <summary>Where a rectangle lies in a buffer.</summary>
/// <param name="Origin">First byte in x, first row, first slice.</param>
/// <param name="RowPitch">Bytes from row to row; 0 for the region's width.</param>
/// <param name="SlicePitch">Bytes from slice to slice; 0 for row pitch times the region's height.</param>
public readonly record struct RectLayout(WorkSize Origin, ulong RowPitch = 0, ulong SlicePitch = 0)
{
    internal void Write(ref FrameWriter writer)
    {
        writer.Range(Origin);
        writer.U64(RowPitch);
        writer.U64(SlicePitch);
    }

    internal static RectLayout Read(ref FrameReader reader) =>
        new(reader.Range("origin"), reader.U64("row pitch"), reader.U64("slice pitch"));
}

/// <summary>Reads a rectangle of a buffer: its bytes packed in Data frames, then Done.</summary>
/// <param name="Enqueue">Queue, event, wait list.</param>
/// <param name="Buffer">Buffer id.</param>
/// <param name="Layout">Where the rectangle lies.</param>
/// <param name="Region">Bytes, rows, slices.</param>
/// <param name="Purpose">For the client's shadow copies.</param>
public readonly record struct ReadBufferRect(
    Enqueue Enqueue, ulong Buffer, RectLayout Layout, WorkSize Region,
    TransferPurpose Purpose = TransferPurpose.Explicit)
    : ICommand<Done>, IEnqueueCommand, IFrameBody<ReadBufferRect>
{
    public static Opcode Code => Opcode.ReadBufferRect;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U8((byte)Purpose);
        writer.U64(Buffer);
        Layout.Write(ref writer);
        writer.Range(Region);
    }

    public static ReadBufferRect Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        var purpose = (TransferPurpose)reader.U8("purpose");
        return new ReadBufferRect(
            enqueue, reader.U64("buffer"), RectLayout.Read(ref reader), reader.Range("region"), purpose);
    }
}

/// <summary>Writes a rectangle of a buffer from the packed data that follows.</summary>
/// <param name="Enqueue">Queue, event, wait list.</param>
/// <param name="Buffer">Buffer id.</param>
/// <param name="Layout">Where the rectangle lies.</param>
/// <param name="Region">Bytes, rows, slices.</param>
/// <param name="DataBytes">The region's product.</param>
/// <param name="Purpose">For the client's shadow copies.</param>
public readonly record struct WriteBufferRect(
    Enqueue Enqueue, ulong Buffer, RectLayout Layout, WorkSize Region, ulong DataBytes,
    TransferPurpose Purpose = TransferPurpose.Explicit)
    : ICarriesData, IEnqueueCommand, IFrameBody<WriteBufferRect>
{
    public static Opcode Code => Opcode.WriteBufferRect;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => Region.Product ?? 0;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U8((byte)Purpose);
        writer.U64(Buffer);
        Layout.Write(ref writer);
        writer.Range(Region);
        writer.U64(DataBytes);
    }

    public static WriteBufferRect Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        var purpose = (TransferPurpose)reader.U8("purpose");
        return new WriteBufferRect(
            enqueue, reader.U64("buffer"), RectLayout.Read(ref reader), reader.Range("region"),
            reader.U64("data bytes"), purpose);
    }
}

/// <summary>Copies a rectangle from buffer to buffer.</summary>
public readonly record struct CopyBufferRect(
    Enqueue Enqueue, ulong Source, ulong Destination, RectLayout SourceLayout, RectLayout DestinationLayout,
    WorkSize Region)
    : IEnqueueCommand, IFrameBody<CopyBufferRect>
{
    public static Opcode Code => Opcode.CopyBufferRect;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Source);
        writer.U64(Destination);
        SourceLayout.Write(ref writer);
        DestinationLayout.Write(ref writer);
        writer.Range(Region);
    }

    public static CopyBufferRect Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("source"), reader.U64("destination"), RectLayout.Read(ref reader),
        RectLayout.Read(ref reader), reader.Range("region"));
}
