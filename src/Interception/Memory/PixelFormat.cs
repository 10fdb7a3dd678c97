using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary><c>cl_image_format</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PixelFormat(uint Order, uint Type)
{
    private const uint Rx = 0x10BA;
    private const uint RGx = 0x10BB;
    private const uint RGBx = 0x10BC;
    private const uint StandardRgbFirst = 0x10BF; // sRGB, sRGBx, sRGBA, sBGRA
    private const uint StandardRgbLast = 0x10C2;
    private const uint ABGR = 0x10C3;

    private const uint Packed565 = 0x10D4;
    private const uint Packed555 = 0x10D5;
    private const uint Packed101010 = 0x10D6;
    private const uint Packed1010102 = 0x10E0;

    /// <summary>As it crosses the wire.</summary>
    public ImageFormat OnWire => new((ChannelOrder)Order, (ChannelType)Type);

    /// <summary>Bytes of a pixel.</summary>
    /// <exception cref="ClFailure">The standard knows no such combination of order and type.</exception>
    public uint PixelBytes()
    {
        uint bytes = Order switch
        {
            (uint)ChannelOrder.R or (uint)ChannelOrder.A or Rx => ChannelBytes(),
            (uint)ChannelOrder.RG or (uint)ChannelOrder.RA or RGx => 2 * ChannelBytes(),
            (uint)ChannelOrder.RGBA => Type == Packed1010102 ? 4 : 4 * ChannelBytes(),
            (uint)ChannelOrder.Intensity or (uint)ChannelOrder.Luminance => IsInteger ? 0 : ChannelBytes(),
            (uint)ChannelOrder.BGRA or (uint)ChannelOrder.ARGB or ABGR => ChannelBytes() == 1 ? 4u : 0,
            (uint)ChannelOrder.Depth =>
                Type is (uint)ChannelType.UnormInt16 or (uint)ChannelType.Float ? ChannelBytes() : 0,
            (uint)ChannelOrder.RGB or RGBx => PackedBytes(),
            >= StandardRgbFirst and <= StandardRgbLast => StandardBytes(),
            _ => 0,
        };
        return bytes > 0 ? bytes : throw new ClFailure(OpenClErrors.InvalidImageFormatDescriptor);
    }

    private bool IsInteger => Type is >= (uint)ChannelType.SignedInt8 and <= (uint)ChannelType.UnsignedInt32;

    private uint ChannelBytes() => (ChannelType)Type switch
    {
        ChannelType.SnormInt8 or ChannelType.UnormInt8 or ChannelType.SignedInt8 or ChannelType.UnsignedInt8 => 1,
        ChannelType.SnormInt16 or ChannelType.UnormInt16 or ChannelType.SignedInt16 or ChannelType.UnsignedInt16
            or ChannelType.HalfFloat => 2,
        ChannelType.SignedInt32 or ChannelType.UnsignedInt32 or ChannelType.Float => 4,
        _ => 0,
    };

    private uint PackedBytes() => Type switch
    {
        Packed565 or Packed555 => 2,
        Packed101010 => 4,
        _ => 0,
    };

    private uint StandardBytes() => Type != (uint)ChannelType.UnormInt8 ? 0
        : Order == StandardRgbFirst ? 3u : 4u;
}
