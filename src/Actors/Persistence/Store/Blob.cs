namespace GpuActors.Actors.Persistence.Store;

/// <summary>
/// Small content named by its hash. The hash is always computed here, so that content can't be stored under a name
/// that isn't its own.
/// </summary>
public sealed class Blob
{
    /// <summary>Names <paramref name="content"/>, which must not change afterwards.</summary>
    /// <exception cref="ArgumentException">More than <see cref="StoreLimits.MaxBlobBytes"/>.</exception>
    public Blob(ReadOnlyMemory<byte> content)
    {
        StoreLimits.CheckSize(content.Length, StoreLimits.MaxBlobBytes, "A blob in the event store");
        Content = content;
        Hash = BlobHash.Of(content.Span);
    }

    /// <summary>SHA-256 of <see cref="Content"/>.</summary>
    public BlobHash Hash { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Content { get; }
}
