namespace GpuActors.Shared.Commands;

/// <summary>Creates a buffer: filled with the data that follows, or zeroed when none does.</summary>
/// <param name="Id">Client-chosen object id.</param>
/// <param name="Context">Context id.</param>
/// <param name="SizeBytes">Size of the buffer.</param>
/// <param name="Flags">How kernels and host use it.</param>
/// <param name="DataBytes">0, or the size: initial content (<c>CL_MEM_COPY_HOST_PTR</c>) follows in Data frames.</param>
public readonly record struct CreateBuffer(
    ulong Id, ulong Context, ulong SizeBytes, MemFlags Flags = MemFlags.ReadWrite, ulong DataBytes = 0)
    : ICarriesData, IFrameBody<CreateBuffer>
{
    public static Opcode Code => Opcode.CreateBuffer;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => SizeBytes;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.U64((ulong)Flags);
        writer.U64(SizeBytes);
        writer.U64(DataBytes);
    }

    public static CreateBuffer Read(ref FrameReader reader)
    {
        ulong id = reader.U64("id");
        ulong context = reader.U64("context");
        var flags = (MemFlags)reader.U64("flags");
        return new CreateBuffer(id, context, reader.U64("size"), flags, reader.U64("data bytes"));
    }
}

/// <summary>Creates a buffer that is a part of another.</summary>
public readonly record struct CreateSubBuffer(
    ulong Id, ulong Parent, ulong Offset, ulong SizeBytes, MemFlags Flags = MemFlags.None)
    : ICommand, IFrameBody<CreateSubBuffer>
{
    public static Opcode Code => Opcode.CreateSubBuffer;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Parent);
        writer.U64((ulong)Flags);
        writer.U64(Offset);
        writer.U64(SizeBytes);
    }

    public static CreateSubBuffer Read(ref FrameReader reader)
    {
        ulong id = reader.U64("id");
        ulong parent = reader.U64("parent");
        var flags = (MemFlags)reader.U64("flags");
        return new CreateSubBuffer(id, parent, reader.U64("offset"), reader.U64("size"), flags);
    }
}

/// <summary><c>cl_image_format</c>.</summary>
public readonly record struct ImageFormat(ChannelOrder Order, ChannelType Type)
{
    /// <summary>Bytes on the wire.</summary>
    internal const int WireBytes = 8;

    internal void Write(ref FrameWriter writer)
    {
        writer.U32((uint)Order);
        writer.U32((uint)Type);
    }

    internal static ImageFormat Read(ref FrameReader reader) =>
        new((ChannelOrder)reader.U32("channel order"), (ChannelType)reader.U32("channel type"));
}

/// <summary><c>cl_image_desc</c> without host pitches: image data on the wire is packed.</summary>
/// <param name="Type">Dimensions, array or not.</param>
/// <param name="Size">Width, height, depth in pixels; 1 where the type has no such dimension.</param>
/// <param name="ArraySize">Images of an array; 0 otherwise.</param>
/// <param name="Memory">Buffer that holds the pixels (1D buffer image, 2D image from buffer), or 0.</param>
/// <param name="RowPitch">Bytes from row to row in that buffer; 0 otherwise.</param>
public readonly record struct ImageShape(
    MemObjectType Type, WorkSize Size, ulong ArraySize = 0, ulong Memory = 0, ulong RowPitch = 0)
{
    internal void Write(ref FrameWriter writer)
    {
        writer.U32((uint)Type);
        writer.Range(Size);
        writer.U64(ArraySize);
        writer.U64(Memory);
        writer.U64(RowPitch);
    }

    internal static ImageShape Read(ref FrameReader reader) => new(
        (MemObjectType)reader.U32("image type"), reader.Range("image size"), reader.U64("array size"),
        reader.U64("memory"), reader.U64("row pitch"));
}

/// <summary>Creates an image: filled with the data that follows, or zeroed when none does.</summary>
/// <param name="Id">Client-chosen object id.</param>
/// <param name="Context">Context id.</param>
/// <param name="Format">Pixel format.</param>
/// <param name="Shape">Type and sizes.</param>
/// <param name="Flags">How kernels and host use it.</param>
/// <param name="DataBytes">0, or the packed size of all pixels: initial content follows in Data frames.</param>
public readonly record struct CreateImage(
    ulong Id, ulong Context, ImageFormat Format, ImageShape Shape, MemFlags Flags = MemFlags.ReadWrite,
    ulong DataBytes = 0)
    : ICarriesData, IFrameBody<CreateImage>
{
    public static Opcode Code => Opcode.CreateImage;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => ulong.MaxValue;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.U64((ulong)Flags);
        Format.Write(ref writer);
        Shape.Write(ref writer);
        writer.U64(DataBytes);
    }

    public static CreateImage Read(ref FrameReader reader)
    {
        ulong id = reader.U64("id");
        ulong context = reader.U64("context");
        var flags = (MemFlags)reader.U64("flags");
        ImageFormat format = ImageFormat.Read(ref reader);
        ImageShape shape = ImageShape.Read(ref reader);
        return new CreateImage(id, context, format, shape, flags, reader.U64("data bytes"));
    }
}

/// <summary>Creates a sampler.</summary>
public readonly record struct CreateSampler(
    ulong Id, ulong Context, bool NormalizedCoordinates, AddressingMode Addressing, FilterMode Filter)
    : ICommand, IFrameBody<CreateSampler>
{
    public static Opcode Code => Opcode.CreateSampler;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.Bool(NormalizedCoordinates);
        writer.U32((uint)Addressing);
        writer.U32((uint)Filter);
    }

    public static CreateSampler Read(ref FrameReader reader) => new(
        reader.U64("id"), reader.U64("context"), reader.Bool("normalized coordinates"),
        (AddressingMode)reader.U32("addressing mode"), (FilterMode)reader.U32("filter mode"));
}
