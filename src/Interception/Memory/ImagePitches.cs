using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>Bytes from row to row and from slice to slice of pixels in the client's memory.</summary>
/// <param name="Row">Of an image's rows.</param>
/// <param name="Slice">Of a 3D image's slices, or of an array's images; 0 where there are none.</param>
/// <param name="Y">From one step in the second dimension to the next: the index of an array of 1D images is that.</param>
internal readonly record struct ImagePitches(ulong Row, ulong Slice, ulong Y)
{
    /// <summary>The pitches of a region.</summary>
    /// <param name="type">The image's.</param>
    /// <param name="region">Pixels in each dimension.</param>
    /// <param name="pixelBytes">Bytes of a pixel.</param>
    /// <param name="rowPitch">As given; 0: packed.</param>
    /// <param name="slicePitch">As given; 0: packed.</param>
    /// <returns>Null when they are too small, or given for what the image does not have.</returns>
    public static ImagePitches? Of(
        MemObjectType type, WorkSize region, uint pixelBytes, ulong rowPitch, ulong slicePitch)
    {
        ulong rowBytes = region.X * pixelBytes;
        ulong row = rowPitch == 0 ? rowBytes : rowPitch;
        if (row < rowBytes)
            return null;
        bool isLine = type == MemObjectType.Image1DArray;
        if (!isLine && type is not (MemObjectType.Image2DArray or MemObjectType.Image3D))
            return slicePitch == 0 ? new ImagePitches(row, 0, row) : null;
        ulong sliceBytes = isLine ? row : row * region.Y;
        ulong slice = slicePitch == 0 ? sliceBytes : slicePitch;
        return slice < sliceBytes ? null : new ImagePitches(row, slice, isLine ? slice : row);
    }

    /// <summary>A region of pixels with these pitches.</summary>
    public unsafe HostRegion Region(void* start, WorkSize region, uint pixelBytes) =>
        new((byte*)start, region.X * pixelBytes, region.Y, region.Z, Y, Slice);
}
