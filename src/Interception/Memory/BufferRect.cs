using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>A rectangle in a buffer, or in the client's memory, with all pitches known.</summary>
/// <param name="Origin">First byte in a row, first row, first slice.</param>
/// <param name="Region">Bytes, rows, slices.</param>
/// <param name="RowPitch">Bytes from row to row.</param>
/// <param name="SlicePitch">Bytes from slice to slice.</param>
internal readonly record struct BufferRect(WorkSize Origin, WorkSize Region, ulong RowPitch, ulong SlicePitch)
{
    /// <summary>Its first byte.</summary>
    public ulong First => Origin.X + (Origin.Y * RowPitch) + (Origin.Z * SlicePitch);

    /// <summary>The byte behind its last.</summary>
    public ulong End => First + ((Region.Z - 1) * SlicePitch) + ((Region.Y - 1) * RowPitch) + Region.X;

    /// <summary>As it crosses the wire.</summary>
    public RectLayout OnWire => new(Origin, RowPitch, SlicePitch);

    /// <summary>A rectangle as a call gives it; pitches of 0 are packed.</summary>
    /// <exception cref="ClFailure">It is empty, or the pitches are too small.</exception>
    public static BufferRect Of(WorkSize origin, WorkSize region, ulong rowPitch, ulong slicePitch)
    {
        ClFailure.Unless(region is { X: > 0, Y: > 0, Z: > 0 }, OpenClErrors.InvalidValue);
        ulong row = rowPitch == 0 ? region.X : rowPitch;
        ulong slice = slicePitch == 0 ? row * region.Y : slicePitch;
        ClFailure.Unless(row >= region.X && slice >= region.Y * row && slice % row == 0, OpenClErrors.InvalidValue);
        return new BufferRect(origin, region, row, slice);
    }

    /// <summary>It lies within so many bytes.</summary>
    /// <exception cref="ClFailure">It does not.</exception>
    public void CheckWithin(ulong size) => ClFailure.Unless(End <= size && First < size, OpenClErrors.InvalidValue);

    /// <summary>It in the client's memory.</summary>
    public unsafe HostRegion In(void* start) =>
        new((byte*)start + First, Region.X, Region.Y, Region.Z, RowPitch, SlicePitch);

    /// <summary>A part of it in the buffer.</summary>
    public RectLayout PartOnWire(in Box box) => OnWire with
    {
        Origin = Sizes.Add(Origin, new WorkSize(box.FirstByte, box.FirstRow, box.FirstSlice)),
    };

    /// <summary>
    /// Whether this rectangle and one of the same region and pitches in the same buffer have bytes in common: the
    /// standard's own algorithm, "CL_MEM_COPY_OVERLAP".
    /// </summary>
    /// <param name="other">The other rectangle.</param>
    /// <param name="offset">Where this one's buffer begins in the buffer that both are parts of.</param>
    /// <param name="otherOffset">The same of the other.</param>
    public bool Overlaps(in BufferRect other, ulong offset, ulong otherOffset)
    {
        ulong sliceBytes = ((Region.Y - 1) * RowPitch) + Region.X;
        ulong column = offset + Origin.X;
        ulong otherColumn = otherOffset + other.Origin.X;
        ulong line = column + (Origin.Y * RowPitch);
        ulong otherLine = otherColumn + (other.Origin.Y * RowPitch);
        return otherOffset + other.End > offset + First && offset + End > otherOffset + other.First
            && !FitInGap(column % RowPitch, otherColumn % RowPitch, Region.X, RowPitch)
            && !FitInGap(line % SlicePitch, otherLine % SlicePitch, sliceBytes, SlicePitch);
    }

    /// <summary>Whether the one lies in the gaps that the other leaves from pitch to pitch.</summary>
    private static bool FitInGap(ulong first, ulong second, ulong bytes, ulong pitch) =>
        (second >= first + bytes && second + bytes <= first + pitch)
        || (first >= second + bytes && first + bytes <= second + pitch);
}
