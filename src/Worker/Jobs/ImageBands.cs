using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Jobs;

/// <summary>A part of an image that is transferred at once: whole rows of one plane.</summary>
/// <param name="Origin">First pixel.</param>
/// <param name="Region">Pixels in each dimension.</param>
/// <param name="Offset">Where its bytes lie in the image's packed bytes.</param>
/// <param name="SizeBytes">Its bytes.</param>
internal readonly record struct ImageBand(WorkSize Origin, WorkSize Region, long Offset, int SizeBytes)
{
    /// <summary>The parts of an image, each of at most <paramref name="maxBytes"/> or a single row.</summary>
    public static IEnumerable<ImageBand> Of(long width, long height, long depth, int pixelBytes, int maxBytes)
    {
        var rowBytes = width * pixelBytes;
        var rowsAtOnce = Math.Max(1, maxBytes / rowBytes);
        for (var plane = 0L; plane < depth; plane++)
        {
            for (var row = 0L; row < height; row += rowsAtOnce)
            {
                var rows = Math.Min(rowsAtOnce, height - row);
                yield return new ImageBand(
                    new WorkSize(0, (ulong)row, (ulong)plane), new WorkSize((ulong)width, (ulong)rows, 1),
                    ((plane * height) + row) * rowBytes, (int)(rows * rowBytes));
            }
        }
    }
}
