using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs;

/// <summary>Device memory that steps refer to by name: a buffer or an image.</summary>
public abstract record JobMemory;

/// <summary>A buffer. It starts as zeros unless it is made from an input.</summary>
public sealed record JobBuffer : JobMemory
{
    /// <summary>Length in bytes; null: that of the input <see cref="From"/>.</summary>
    public Expression? Size { get; init; }

    /// <summary>The input whose bytes are at its beginning.</summary>
    public string? From { get; init; }
}

/// <summary>The channels of an image's pixel.</summary>
public enum ImageChannels
{
    /// <summary>Red: one number.</summary>
    R,

    /// <summary>Red and green.</summary>
    Rg,

    /// <summary>Red, green, blue and alpha.</summary>
    Rgba,

    /// <summary>Blue, green, red and alpha.</summary>
    Bgra,
}

/// <summary>How a channel of a pixel is stored.</summary>
public enum ImageElement
{
#pragma warning disable CS1591 // the names are OpenCL's own: sign, kind, bits
    Unorm8,
    Unorm16,
    Snorm8,
    Snorm16,
    Int8,
    Int16,
    Int32,
    Uint8,
    Uint16,
    Uint32,
    Half,
    Float,
#pragma warning restore CS1591
}

/// <summary>An image of one, two or three dimensions. It starts as zeros unless it is made from an input.</summary>
public sealed record JobImage : JobMemory
{
    /// <summary>The channels of a pixel.</summary>
    public ImageChannels Channels { get; init; } = ImageChannels.Rgba;

    /// <summary>How a channel is stored.</summary>
    public ImageElement Element { get; init; } = ImageElement.Unorm8;

    /// <summary>Pixels in a row.</summary>
    public required Expression Width { get; init; }

    /// <summary>Rows; null for an image of one dimension.</summary>
    public Expression? Height { get; init; }

    /// <summary>Planes; null for an image of one or two dimensions.</summary>
    public Expression? Depth { get; init; }

    /// <summary>The input that holds its pixels, rows without gaps.</summary>
    public string? From { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public int Dimensions => Depth is not null ? 3 : Height is not null ? 2 : 1;

    /// <summary>Bytes of a pixel.</summary>
    public int PixelBytes => ChannelCount * Element switch
    {
        ImageElement.Unorm8 or ImageElement.Snorm8 or ImageElement.Int8 or ImageElement.Uint8 => 1,
        ImageElement.Int32 or ImageElement.Uint32 or ImageElement.Float => 4,
        _ => 2,
    };

    private int ChannelCount => Channels switch
    {
        ImageChannels.R => 1,
        ImageChannels.Rg => 2,
        _ => 4,
    };
}
