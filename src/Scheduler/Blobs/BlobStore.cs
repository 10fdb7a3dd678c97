using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Scheduler.Blobs;

/// <summary>
/// Content by its SHA-256, each tenant's apart from the others'. All of it lies in the event store, so that every node
/// can serve it: small blobs whole, written in the same transactions as events, larger ones in parts.
/// </summary>
/// <param name="store">Where they lie.</param>
/// <param name="ownership">This node's own right to write.</param>
/// <param name="random">For the ids of uploads.</param>
/// <param name="fenced">Told when a write is refused because the right is another process's now.</param>
public sealed class BlobStore(
    IEventStore store, OwnershipToken ownership, IRandomSource random, Action<FencedException> fenced)
{
    /// <summary>Starts an upload; nothing is visible before <see cref="BlobUpload.CommitAsync"/>.</summary>
    public BlobUpload Begin(string tenant) => new(store, ownership, tenant, random.NextGuid(), fenced);

    /// <summary>The tenant has this blob.</summary>
    public async Task<bool> ContainsAsync(string tenant, string sha256, CancellationToken cancellationToken) =>
        BlobHash.TryParse(sha256, out var hash)
        && await store.ReadBlobInfoAsync(tenant, hash, cancellationToken) is not null;

    /// <summary>The blob's content, seekable; null if the tenant has none with this hash.</summary>
    public async Task<Stream?> OpenAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        if (!BlobHash.TryParse(sha256, out var hash)
            || await store.ReadBlobPartAsync(tenant, hash, 0, cancellationToken) is not { } first)
        {
            return null;
        }

        if (first.Length < StoreLimits.MaxBlobBytes)
        {
            return new MemoryStream(first.ToArray(), writable: false);
        }

        return await store.ReadBlobInfoAsync(tenant, hash, cancellationToken) is { } info
            ? new BlobPartsStream(store, tenant, hash, info.SizeBytes)
            : null;
    }
}
