namespace GpuActors.Actors.Persistence.Store;

/// <summary>
/// Small content named by its owner and its hash: who knows a hash still sees only what is its own. The hash is always computed here, so that content can't be stored under a name
/// that isn't its own.
/// </summary>
public sealed class Blob
{
    /// <summary>Names <paramref name="content"/>, which must not change afterwards.</summary>
    /// <exception cref="ArgumentException">More than <see cref="StoreLimits.MaxBlobBytes"/>, or no owner.</exception>
    public Blob(string owner, ReadOnlyMemory<byte> content)
    {
        StoreLimits.CheckName(owner, "A blob's owner");
        StoreLimits.CheckSize(content.Length, StoreLimits.MaxBlobBytes, "A blob in the event store");
        Owner = owner;
        Content = content;
        Hash = BlobHash.Of(content.Span);
    }

    /// <summary>Whose content it is.</summary>
    public string Owner { get; }

    /// <summary>SHA-256 of <see cref="Content"/>.</summary>
    public BlobHash Hash { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Content { get; }
}
