namespace GpuActors.Actors.Persistence.Store;

/// <summary>What a store has of an upload, summed up, and whether it makes a blob.</summary>
/// <param name="Count">Parts that are there.</param>
/// <param name="LastIndex">The highest index; -1 without parts.</param>
/// <param name="SizeBytes">Bytes of all parts.</param>
/// <param name="FirstShortIndex">The first part shorter than a full one; null if all are full.</param>
internal readonly record struct BlobUploadParts(long Count, long LastIndex, long SizeBytes, long? FirstShortIndex)
{
    /// <summary>Bounds of a part.</summary>
    public static void CheckPart(string owner, int index, int lengthBytes)
    {
        StoreLimits.CheckName(owner, "A blob's owner");
        StoreLimits.CheckSize(lengthBytes, StoreLimits.MaxBlobBytes, "A part of a blob");
        if (lengthBytes == 0)
            throw new ArgumentException("A part of a blob must not be empty.");
        if (index is < 0 or >= StoreLimits.MaxBlobParts)
            throw new ArgumentException(
                $"A blob's part has an index of 0 to {StoreLimits.MaxBlobParts - 1:N0}; found {index:N0}.");
    }

    /// <summary>Bounds of a completion.</summary>
    public static void CheckSize(string owner, long sizeBytes)
    {
        StoreLimits.CheckName(owner, "A blob's owner");
        StoreLimits.CheckSize(sizeBytes, (long)StoreLimits.MaxBlobParts * StoreLimits.MaxBlobBytes, "A blob");
        if (sizeBytes < 1)
            throw new ArgumentException($"A blob in parts has at least 1 byte; found {sizeBytes}.");
    }

    /// <summary>Why the parts don't make a blob of <paramref name="sizeBytes"/>; null if they do.</summary>
    public BlobIncompleteException? Check(long sizeBytes)
    {
        var parts = new StoredBlobInfo(sizeBytes).Parts;
        var isWhole = Count == parts && LastIndex == parts - 1 && SizeBytes == sizeBytes
                      && (FirstShortIndex is null || FirstShortIndex == parts - 1);
        return isWhole ? null : new BlobIncompleteException(
            $"A blob of {sizeBytes:N0} bytes has {parts:N0} parts, all but the last of {StoreLimits.MaxBlobBytes:N0} "
            + $"bytes; the upload has {Count:N0} parts up to index {LastIndex:N0} with {SizeBytes:N0} bytes.");
    }
}
