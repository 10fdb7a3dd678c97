using System.Runtime.CompilerServices;

namespace GpuActors.Interception.Memory;

/// <summary>
/// Where the bytes of a rectangle or of an image's region lie in the client's memory. On the wire they are packed: row
/// behind row, slice behind slice.
/// </summary>
/// <param name="start">First byte of the first row.</param>
/// <param name="rowBytes">Bytes of a row.</param>
/// <param name="rows">Rows of a slice.</param>
/// <param name="slices">Slices.</param>
/// <param name="rowPitch">Bytes from row to row.</param>
/// <param name="slicePitch">Bytes from slice to slice.</param>
internal readonly unsafe struct HostRegion(
    byte* start, ulong rowBytes, ulong rows, ulong slices, ulong rowPitch, ulong slicePitch)
{
    public ulong RowBytes => rowBytes;

    public ulong Rows => rows;

    public ulong Slices => slices;

    /// <summary>Bytes on the wire.</summary>
    public ulong Bytes => rowBytes * rows * slices;

    /// <summary>Whether they lie here as on the wire.</summary>
    public bool IsPacked =>
        (rows == 1 || rowPitch == rowBytes) && (slices == 1 || slicePitch == rowBytes * rows);

    /// <summary>Its first byte.</summary>
    public byte* Start => start;

    /// <summary>From its first byte to its last, with all that lies between its rows.</summary>
    public HostRange Range => Bytes == 0
        ? default
        : new HostRange(start, ((slices - 1) * slicePitch) + ((rows - 1) * rowPitch) + rowBytes);

    /// <summary>A part of it.</summary>
    public HostRegion Part(in Box box) => new(
        start + box.FirstByte + (box.FirstRow * rowPitch) + (box.FirstSlice * slicePitch), box.RowBytes, box.Rows,
        box.Slices, rowPitch, slicePitch);

    /// <summary>Takes so many bytes from a packed offset.</summary>
    public void Gather(ulong offset, byte* into, int length)
    {
        while (length > 0)
        {
            byte* from = Locate(offset, length, out int step);
            Unsafe.CopyBlockUnaligned(into, from, (uint)step);
            into += step;
            offset += (ulong)step;
            length -= step;
        }
    }

    /// <summary>Puts so many bytes at a packed offset.</summary>
    public void Scatter(ulong offset, byte* from, int length)
    {
        while (length > 0)
        {
            byte* into = Locate(offset, length, out int step);
            Unsafe.CopyBlockUnaligned(into, from, (uint)step);
            from += step;
            offset += (ulong)step;
            length -= step;
        }
    }

    /// <summary>Where the byte at a packed offset is, and how many of those wanted follow it.</summary>
    private byte* Locate(ulong offset, int wanted, out int length)
    {
        ulong row = offset / rowBytes;
        ulong column = offset - (row * rowBytes);
        length = (int)Math.Min(rowBytes - column, (ulong)wanted);
        return start + column + (row % rows * rowPitch) + (row / rows * slicePitch);
    }
}
