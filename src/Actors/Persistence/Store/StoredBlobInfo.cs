namespace GpuActors.Actors.Persistence.Store;

/// <summary>What is known of a blob without reading it.</summary>
/// <param name="SizeBytes">Bytes of its content.</param>
public readonly record struct StoredBlobInfo(long SizeBytes)
{
    /// <summary>Parts in which it is read: each of <see cref="StoreLimits.MaxBlobBytes"/>, but the last.</summary>
    public int Parts => Math.Max(1, (int)((SizeBytes + StoreLimits.MaxBlobBytes - 1) / StoreLimits.MaxBlobBytes));
}
