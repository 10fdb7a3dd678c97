namespace GpuActors.Shared.Commands;

/// <summary>Reads a region of an image: its pixels packed in Data frames, then Done.</summary>
public readonly record struct ReadImage(
    Enqueue Enqueue, ulong Image, WorkSize Origin, WorkSize Region, TransferPurpose Purpose = TransferPurpose.Explicit)
    : ICommand<Done>, IEnqueueCommand, IFrameBody<ReadImage>
{
    public static Opcode Code => Opcode.ReadImage;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U8((byte)Purpose);
        writer.U64(Image);
        writer.Range(Origin);
        writer.Range(Region);
    }

    public static ReadImage Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        var purpose = (TransferPurpose)reader.U8("purpose");
        return new ReadImage(enqueue, reader.U64("image"), reader.Range("origin"), reader.Range("region"), purpose);
    }
}

/// <summary>Writes a region of an image from the packed pixels that follow.</summary>
public readonly record struct WriteImage(
    Enqueue Enqueue, ulong Image, WorkSize Origin, WorkSize Region, ulong DataBytes,
    TransferPurpose Purpose = TransferPurpose.Explicit)
    : ICarriesData, IEnqueueCommand, IFrameBody<WriteImage>
{
    public static Opcode Code => Opcode.WriteImage;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => ulong.MaxValue;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U8((byte)Purpose);
        writer.U64(Image);
        writer.Range(Origin);
        writer.Range(Region);
        writer.U64(DataBytes);
    }

    public static WriteImage Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        var purpose = (TransferPurpose)reader.U8("purpose");
        return new WriteImage(
            enqueue, reader.U64("image"), reader.Range("origin"), reader.Range("region"), reader.U64("data bytes"),
            purpose);
    }
}

/// <summary>Copies a region from image to image.</summary>
public readonly record struct CopyImage(
    Enqueue Enqueue, ulong Source, ulong Destination, WorkSize SourceOrigin, WorkSize DestinationOrigin,
    WorkSize Region)
    : IEnqueueCommand, IFrameBody<CopyImage>
{
    public static Opcode Code => Opcode.CopyImage;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Source);
        writer.U64(Destination);
        writer.Range(SourceOrigin);
        writer.Range(DestinationOrigin);
        writer.Range(Region);
    }

    public static CopyImage Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("source"), reader.U64("destination"), reader.Range("source origin"),
        reader.Range("destination origin"), reader.Range("region"));
}

/// <summary>Fills a region of an image with one color.</summary>
/// <param name="Enqueue">Queue, event, wait list.</param>
/// <param name="Image">Image id.</param>
/// <param name="Color">Sixteen bytes: four floats, ints or uints, as the channel type asks.</param>
/// <param name="Origin">First pixel.</param>
/// <param name="Region">Pixels in each dimension.</param>
public readonly record struct FillImage(Enqueue Enqueue, ulong Image, Bytes Color, WorkSize Origin, WorkSize Region)
    : IEnqueueCommand, IFrameBody<FillImage>
{
    /// <summary>Bytes of a color.</summary>
    public const int ColorBytes = 16;

    public static Opcode Code => Opcode.FillImage;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        if (Color.Length != ColorBytes)
            throw new ProtocolException($"FillImage: field color has {Color.Length} bytes; it must have {ColorBytes}");
        Enqueue.Write(ref writer);
        writer.U64(Image);
        writer.Raw(Color.Span);
        writer.Range(Origin);
        writer.Range(Region);
    }

    public static FillImage Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("image"), reader.Raw(ColorBytes, "color"), reader.Range("origin"),
        reader.Range("region"));
}

/// <summary>Copies a region of an image into a buffer, packed.</summary>
public readonly record struct CopyImageToBuffer(
    Enqueue Enqueue, ulong Image, ulong Buffer, WorkSize Origin, WorkSize Region, ulong BufferOffset)
    : IEnqueueCommand, IFrameBody<CopyImageToBuffer>
{
    public static Opcode Code => Opcode.CopyImageToBuffer;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Image);
        writer.U64(Buffer);
        writer.Range(Origin);
        writer.Range(Region);
        writer.U64(BufferOffset);
    }

    public static CopyImageToBuffer Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("image"), reader.U64("buffer"), reader.Range("origin"),
        reader.Range("region"), reader.U64("buffer offset"));
}

/// <summary>Copies packed pixels of a buffer into a region of an image.</summary>
public readonly record struct CopyBufferToImage(
    Enqueue Enqueue, ulong Buffer, ulong Image, ulong BufferOffset, WorkSize Origin, WorkSize Region)
    : IEnqueueCommand, IFrameBody<CopyBufferToImage>
{
    public static Opcode Code => Opcode.CopyBufferToImage;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Buffer);
        writer.U64(Image);
        writer.U64(BufferOffset);
        writer.Range(Origin);
        writer.Range(Region);
    }

    public static CopyBufferToImage Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), reader.U64("buffer"), reader.U64("image"), reader.U64("buffer offset"),
        reader.Range("origin"), reader.Range("region"));
}
