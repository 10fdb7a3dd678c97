using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

public sealed partial class SqliteEventStore
{
    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(connection => SqliteBlobQueries.Read(connection, owner, hash), cancellationToken);

    /// <inheritdoc/>
    public Task PutBlobPartAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        int index,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken = default)
    {
        BlobUploadParts.CheckPart(owner, index, bytes.Length);
        return Write(new PutBlobPartRequest(ownership, owner, uploadId, index, bytes), cancellationToken);
    }

    /// <inheritdoc/>
    public Task CompleteBlobAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        BlobHash hash,
        long sizeBytes,
        CancellationToken cancellationToken = default)
    {
        BlobUploadParts.CheckSize(owner, sizeBytes);
        return Write(new CompleteBlobRequest(ownership, owner, uploadId, hash, sizeBytes), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StoredBlobInfo?> ReadBlobInfoAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(connection => SqliteBlobQueries.ReadInfo(connection, owner, hash), cancellationToken);

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        string owner, BlobHash hash, int index, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(connection => SqliteBlobQueries.ReadPart(connection, owner, hash, index), cancellationToken);
}
