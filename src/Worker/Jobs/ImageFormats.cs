using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;

namespace GpuActors.Worker.Jobs;

/// <summary>The documents' names of image formats as OpenCL's.</summary>
internal static class ImageFormats
{
    public static ImageFormat Of(JobImage image) => new(
        image.Channels switch
        {
            ImageChannels.R => ChannelOrder.R,
            ImageChannels.Rg => ChannelOrder.RG,
            ImageChannels.Bgra => ChannelOrder.BGRA,
            _ => ChannelOrder.RGBA,
        },
        image.Element switch
        {
            ImageElement.Unorm8 => ChannelType.UnormInt8,
            ImageElement.Unorm16 => ChannelType.UnormInt16,
            ImageElement.Snorm8 => ChannelType.SnormInt8,
            ImageElement.Snorm16 => ChannelType.SnormInt16,
            ImageElement.Int8 => ChannelType.SignedInt8,
            ImageElement.Int16 => ChannelType.SignedInt16,
            ImageElement.Int32 => ChannelType.SignedInt32,
            ImageElement.Uint8 => ChannelType.UnsignedInt8,
            ImageElement.Uint16 => ChannelType.UnsignedInt16,
            ImageElement.Uint32 => ChannelType.UnsignedInt32,
            ImageElement.Half => ChannelType.HalfFloat,
            _ => ChannelType.Float,
        });
}
