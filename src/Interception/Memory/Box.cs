namespace GpuActors.Interception.Memory;

/// <summary>A part of a rectangle or of an image's region: bytes of a row, rows, slices.</summary>
internal readonly record struct Box(
    ulong FirstByte, ulong RowBytes, ulong FirstRow, ulong Rows, ulong FirstSlice, ulong Slices)
{
    /// <summary>Bytes of a region that one command transfers; the protocol's limit.</summary>
    private const ulong MaxBytes = 64 << 20;

    /// <summary>A region in parts that one command each can transfer: by slices, then rows, then within rows.</summary>
    public static List<Box> Split(ulong rowBytes, ulong rows, ulong slices, ulong maxBytes = MaxBytes)
    {
        var parts = new List<Box>();
        ulong rowsAtOnce = Math.Clamp(maxBytes / rowBytes, 1, rows);
        ulong bytesAtOnce = Math.Min(rowBytes, maxBytes);
        ulong slicesAtOnce = rowsAtOnce < rows ? 1 : Math.Clamp(maxBytes / (rowBytes * rows), 1, slices);
        for (ulong slice = 0; slice < slices; slice += slicesAtOnce)
        {
            for (ulong row = 0; row < rows; row += rowsAtOnce)
            {
                for (ulong at = 0; at < rowBytes; at += bytesAtOnce)
                {
                    parts.Add(new Box(
                        at, Math.Min(bytesAtOnce, rowBytes - at), row, Math.Min(rowsAtOnce, rows - row), slice,
                        Math.Min(slicesAtOnce, slices - slice)));
                }
            }
        }
        return parts;
    }
}
