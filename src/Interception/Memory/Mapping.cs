using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>A part of an object that the program has mapped.</summary>
/// <param name="Pointer">What it was given.</param>
/// <param name="Writes">Whether it may write there.</param>
/// <param name="Origin">First byte of a buffer, or first pixel of an image.</param>
/// <param name="Region">Bytes of a buffer, or pixels of an image.</param>
internal sealed record Mapping(nint Pointer, bool Writes, WorkSize Origin, WorkSize Region)
{
    /// <summary>The reply with which the content arrives; null if the program did not want to see it.</summary>
    public Reply? Content { get; set; }

    /// <summary>Its bytes in a buffer or image.</summary>
    public ulong BytesIn(ClMemory memory) =>
        memory is ClImage image ? (Region.Product ?? 0) * image.PixelBytes : Region.X;

    /// <summary>Whether it is all of a buffer or image.</summary>
    public bool IsWhole(ClMemory memory) =>
        memory is ClImage image ? Region == image.Extent : Region.X == memory.Size;

    /// <summary>
    /// Whether an unmap has something to write back. As long as the content has not arrived, the program has not been
    /// told that it may use the pointer.
    /// </summary>
    public bool HasChanges => Writes && (Content is null or { IsOver: true, Code: OpenClErrors.Success });
}
