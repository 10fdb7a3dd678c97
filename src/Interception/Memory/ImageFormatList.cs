using System.Runtime.CompilerServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>The image formats that a context supports: asked for once for each use and kind of image.</summary>
internal sealed class ImageFormatList
{
    private static readonly ConditionalWeakTable<ClContext, ImageFormatList> Lists = [];

    private readonly Dictionary<(MemFlags Flags, MemObjectType Type), PixelFormat[]> _known = [];

    /// <summary>The formats.</summary>
    /// <exception cref="ClFailure">There is no such kind of image, or the connection is lost.</exception>
    public static PixelFormat[] Of(ClContext context, ulong flags, MemObjectType type)
    {
        ClFailure.Unless(type is >= MemObjectType.Image2D and <= MemObjectType.Image1DBuffer, OpenClErrors.InvalidValue);
        return Lists.GetOrCreateValue(context).Find(context, HostFlags.OnWire(flags), type);
    }

    private PixelFormat[] Find(ClContext context, MemFlags flags, MemObjectType type)
    {
        if (flags == MemFlags.None)
            flags = MemFlags.ReadWrite;
        lock (_known)
        {
            if (_known.TryGetValue((flags, type), out PixelFormat[]? known))
                return known;
        }
        PixelFormat[] found = context.IsShared
            ? [.. context.Streams.Where(stream => !stream.IsLost).SelectMany(stream => Ask(stream, context, flags, type)).Distinct()]
            : Ask(context.Stream, context, flags, type);
        lock (_known)
            _known[(flags, type)] = found;
        return found;
    }

    private static PixelFormat[] Ask(CommandStream stream, ClContext context, MemFlags flags, MemObjectType type)
    {
        ImageFormats formats = stream.Ask<GetImageFormats, ImageFormats>(new GetImageFormats(context.Id, flags, type));
        return [.. formats.Formats.Select(format => new PixelFormat((uint)format.Order, (uint)format.Type))];
    }
}
