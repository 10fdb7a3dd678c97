using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>Sizes of image formats and shapes, from tables 8 and 9 of the OpenCL 3.0 specification.</summary>
internal static class PixelLayout
{
    private const uint PackedFirst = 0x10D4; // CL_UNORM_SHORT_565, _555, INT_101010
    private const uint PackedInt = 0x10D6;
    private const uint PackedInt2 = 0x10E0;

    /// <summary>Bytes of a pixel; 0 for what is no format.</summary>
    public static uint BytesOf(ImageFormat format)
    {
        var type = (uint)format.Type;
        return type switch
        {
            PackedFirst or PackedFirst + 1 => 2,
            PackedInt or PackedInt2 => 4,
            _ => ChannelsOf(format.Order) * ChannelBytes(format.Type),
        };
    }

    /// <summary>Pixels in each dimension; the index of an array is the last one.</summary>
    public static WorkSize ExtentOf(ImageShape shape) => shape.Type switch
    {
        MemObjectType.Image1D or MemObjectType.Image1DBuffer => new WorkSize(shape.Size.X),
        MemObjectType.Image1DArray => new WorkSize(shape.Size.X, shape.ArraySize),
        MemObjectType.Image2D => new WorkSize(shape.Size.X, shape.Size.Y),
        MemObjectType.Image2DArray => new WorkSize(shape.Size.X, shape.Size.Y, shape.ArraySize),
        _ => shape.Size,
    };

    private static uint ChannelsOf(ChannelOrder order) => order switch
    {
        ChannelOrder.R or ChannelOrder.A or ChannelOrder.Intensity or ChannelOrder.Luminance or ChannelOrder.Depth => 1,
        ChannelOrder.RG or ChannelOrder.RA => 2,
        ChannelOrder.RGB => 3,
        ChannelOrder.RGBA or ChannelOrder.BGRA or ChannelOrder.ARGB => 4,
        _ => ChannelsOfOthers((uint)order),
    };

    /// <summary>The x orders, sRGB, and ABGR.</summary>
    private static uint ChannelsOfOthers(uint order) => order switch
    {
        0x10BA or 0x10BB => 2, // Rx, RGx
        0x10BC => 3, // RGBx
        0x10BF => 3, // sRGB
        0x10C0 or 0x10C1 or 0x10C2 or 0x10C3 => 4, // sRGBx, sRGBA, sBGRA, ABGR
        _ => 0,
    };

    private static uint ChannelBytes(ChannelType type) => type switch
    {
        ChannelType.SnormInt8 or ChannelType.UnormInt8 or ChannelType.SignedInt8 or ChannelType.UnsignedInt8 => 1,
        ChannelType.SnormInt16 or ChannelType.UnormInt16 or ChannelType.SignedInt16 or ChannelType.UnsignedInt16
            or ChannelType.HalfFloat => 2,
        ChannelType.SignedInt32 or ChannelType.UnsignedInt32 or ChannelType.Float => 4,
        _ => 0,
    };
}
