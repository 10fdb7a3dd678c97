using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>An image, with pixels of its own or over those of a buffer or another image.</summary>
internal sealed unsafe class ClImage : ClMemory
{
    private readonly ImageDescription _description;
    private readonly ClMemory? _whole;
    private readonly Shadow? _shadow;

    private ClImage(
        ClContext context, ulong flags, PixelFormat format, in ImageDescription description, ImagePitches pitches,
        nint hostPointer, ClMemory? whole)
        : base(context, flags, hostPointer)
    {
        Format = format;
        PixelBytes = format.PixelBytes();
        Pitches = pitches;
        _description = description;
        _whole = whole;
        _shadow = whole is null && hostPointer == 0 ? new Shadow(Size) : null;
        whole?.Hold();
    }

    public PixelFormat Format { get; }

    public uint PixelBytes { get; }

    /// <summary>Pixels in each dimension, the index of an array among them.</summary>
    public WorkSize Extent => _description.Extent;

    /// <summary>The shadow's.</summary>
    public ImagePitches Pitches { get; }

    /// <summary>Whether it has slices, with a pitch of their own.</summary>
    public bool HasSlices => _description.HasSlices;

    public override ulong Size => (Extent.Product ?? 0) * PixelBytes;

    public override MemObjectType Type => _description.Type;

    public override byte* Shadow => HostPointer != 0 ? (byte*)HostPointer
        : _whole is not null ? _whole.Shadow
        : _shadow!.Start;

    protected override ClMemory? Whole => _whole;

    /// <summary><c>clCreateImage</c>.</summary>
    /// <param name="context">Where.</param>
    /// <param name="flags">As the program gave them.</param>
    /// <param name="format">Of a pixel.</param>
    /// <param name="description">Kind and sizes.</param>
    /// <param name="host">Initial pixels, or memory to use; null when the flags name neither.</param>
    /// <param name="properties">The list that the program gave, with its final zero; empty when it gave none.</param>
    /// <exception cref="ClFailure">Something of that is not valid or not supported, or the slice has no room.</exception>
    public static ClImage Create(
        ClContext context, ulong flags, PixelFormat format, in ImageDescription description, void* host,
        ulong[] properties)
    {
        ClMemory? whole = WholeOf(context, description);
        flags = whole is null ? HostFlags.Check(flags, host) : HostFlags.Inherit(whole.Flags, flags);
        uint pixelBytes = format.PixelBytes();
        description.Check();
        CheckDevices(context, description);
        ClFailure.Unless(
            ImageFormatList.Of(context, flags, description.Type).Contains(format), MemoryNames.ImageFormatNotSupported);
        if (whole is not null)
            return CreateOver(whole, flags, format, description, pixelBytes, properties);
        ImagePitches given = description.HostPitches(pixelBytes, host is not null);
        WorkSize extent = description.Extent;
        ClFailure.Unless(extent.Product <= ulong.MaxValue / pixelBytes, OpenClErrors.InvalidImageSize);
        ulong size = extent.Product!.Value * pixelBytes;
        ClFailure.Unless(
            Array.Exists(context.Devices, device => size <= device.Number<ulong>(ClNames.DeviceMaxMemAllocSize)),
            OpenClErrors.MemObjectAllocationFailure);
        bool isUsed = (flags & HostFlags.UseHostPointer) != 0;
        ImagePitches own = isUsed ? given : ImagePitches.Of(description.Type, extent, pixelBytes, 0, 0)!.Value;
        var image = new ClImage(context, flags, format, description, own, isUsed ? (nint)host : 0, null)
        {
            Properties = properties,
        };
        image.Begin(host is null ? null : given.Region(host, extent, pixelBytes));
        return image;
    }

    /// <summary>A region of it.</summary>
    /// <exception cref="ClFailure">It is empty, or not within the image.</exception>
    public void CheckRegion(WorkSize origin, WorkSize region)
    {
        static bool IsWithin(ulong first, ulong count, ulong all) => count > 0 && first <= all && count <= all - first;
        ClFailure.Unless(
            IsWithin(origin.X, region.X, Extent.X) && IsWithin(origin.Y, region.Y, Extent.Y)
            && IsWithin(origin.Z, region.Z, Extent.Z),
            OpenClErrors.InvalidValue);
    }

    /// <summary>A region of the shadow.</summary>
    public HostRegion ShadowRegion(WorkSize origin, WorkSize region)
    {
        byte* start = Shadow + (origin.X * PixelBytes) + (origin.Y * Pitches.Y) + (origin.Z * Pitches.Slice);
        return Pitches.Region(start, region, PixelBytes);
    }

    /// <summary><c>clGetImageInfo</c>.</summary>
    public int ImageInfo(uint name, InfoAnswer answer) => name switch
    {
        MemoryNames.ImageFormat => answer.Value(Format),
        MemoryNames.ImageElementSize => answer.Value((nuint)PixelBytes),
        MemoryNames.ImageRowPitch => answer.Value(Pitches.Row),
        MemoryNames.ImageSlicePitch => answer.Value(Pitches.Slice),
        MemoryNames.ImageWidth => answer.Value(_description.Width),
        MemoryNames.ImageHeight => answer.Value(
            Type is MemObjectType.Image2D or MemObjectType.Image2DArray or MemObjectType.Image3D ? Extent.Y : 0),
        MemoryNames.ImageDepth => answer.Value(Type == MemObjectType.Image3D ? Extent.Z : 0),
        MemoryNames.ImageArraySize => answer.Value(_description.IsArray ? _description.ArraySize : 0),
        MemoryNames.ImageBuffer => answer.Value(_whole is ClBuffer ? _whole.Handle : 0),
        MemoryNames.ImageMipLevels or MemoryNames.ImageSamples => answer.Value(0u),
        _ => OpenClErrors.InvalidValue,
    };

    protected override void Free()
    {
        if (_whole is null)
        {
            _shadow?.Free();
            GiveMemory();
        }
        else
        {
            _whole.Drop();
        }
    }

    private static ClMemory? WholeOf(ClContext context, in ImageDescription description)
    {
        if (description.Memory == 0)
            return null;
        ClMemory? whole = HandleTable.Find<ClMemory>(description.Memory);
        bool fits = description.Type == MemObjectType.Image2D || (description.Type == MemObjectType.Image1DBuffer && whole is ClBuffer);
        ClFailure.Unless(fits && whole?.Context == context, ClCodes.InvalidImageDescriptor);
        // Devices that have no alignment for it have no such images.
        ClFailure.Unless(
            description.Type != MemObjectType.Image2D || whole is ClImage || Array.Exists(
                context.Devices, device => device.Number<uint>(MemoryNames.DeviceImagePitchAlignment) != 0),
            OpenClErrors.InvalidOperation);
        return whole;
    }

    private static void CheckDevices(ClContext context, ImageDescription description)
    {
        ClFailure.Unless(
            Array.Exists(context.Devices, device => device.Number<uint>(ClNames.DeviceImageSupport) != 0),
            OpenClErrors.InvalidOperation);
        ClFailure.Unless(Array.Exists(context.Devices, description.Fits), OpenClErrors.InvalidImageSize);
    }

    /// <summary>An image over memory of another object.</summary>
    private static ClImage CreateOver(
        ClMemory whole, ulong flags, PixelFormat format, in ImageDescription description, uint pixelBytes,
        ulong[] properties)
    {
        ulong packed = description.Width * pixelBytes;
        ulong given = description.RowPitch == 0 && whole is ClImage image ? image.Pitches.Row : description.RowPitch;
        ImagePitches pitches = ImagePitches.Of(description.Type, description.Extent, pixelBytes, given, 0)
            ?? throw new ClFailure(ClCodes.InvalidImageDescriptor);
        ClFailure.Unless(
            ((description.Extent.Y - 1) * pitches.Row) + packed <= whole.Size, ClCodes.InvalidImageDescriptor);
        nint host = whole.HostPointer;
        var made = new ClImage(whole.Context, flags, format, description, pitches, host, whole) { Properties = properties };
        made.Begin(null);
        return made;
    }

    public override List<Box> PartsOf(ulong maxBytes) => Box.Split(Extent.X * PixelBytes, Extent.Y, Extent.Z, maxBytes);

    public override void SendRead(CommandStream stream, in Enqueue enqueue, in Box part, Reply reply) => stream.Send(
        new ReadImage(enqueue, Id, OriginOf(part), RegionOf(part)), reply);

    public override void SendWrite(CommandStream stream, in Enqueue enqueue, in Box part, PlainData data, Reply reply) =>
        stream.Send(
            new WriteImage(enqueue, Id, OriginOf(part), RegionOf(part), data.Bytes), data, reply);

    protected override void SendCreation(int slice, HostRegion? content)
    {
        CommandStream stream = Context.Streams[slice];
        ImageShape shape = _whole is null
            ? _description.OnWire
            : _description.OnWire with { Memory = _whole.Id, RowPitch = _description.RowPitch };
        var creation = new CreateImage(Id, Context.Id, Format.OnWire, shape, HostFlags.OnWire(Flags));
        if (content is not { } pixels)
        {
            stream.Send(creation);
            return;
        }
        if (pixels.Bytes <= InitialContent.MaxBytes)
        {
            stream.Send(creation with { DataBytes = pixels.Bytes }, new RegionData(pixels));
            return;
        }
        stream.Send(creation);
        InitialContent.Write(Context, slice, queue =>
        {
            foreach (Box box in Box.Split(pixels.RowBytes, pixels.Rows, pixels.Slices))
            {
                HostRegion part = pixels.Part(box);
                stream.Send(
                    new WriteImage(queue, Id, OriginOf(box), RegionOf(box), part.Bytes), new RegionData(part));
            }
        });
    }

    /// <summary>A part's first pixel, within a region that begins at the image's first.</summary>
    public WorkSize OriginOf(in Box box) => new(box.FirstByte / PixelBytes, box.FirstRow, box.FirstSlice);

    /// <summary>A part's pixels.</summary>
    public WorkSize RegionOf(in Box box) => new(box.RowBytes / PixelBytes, box.Rows, box.Slices);
}
