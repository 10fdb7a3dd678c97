using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <inheritdoc cref="IEventStore.PutBlobPartAsync"/>
internal sealed class PutBlobPartRequest(
    OwnershipToken ownership, string owner, Guid uploadId, int index, ReadOnlyMemory<byte> bytes)
    : FencedRequest(ownership, 256 + bytes.Length)
{
    private const int PartsSwept = 64;

    private readonly string _upload = SqliteBlobQueries.NameOf(uploadId);

    protected override Exception? Check(WriteTransaction transaction) =>
        transaction.IsComplete(owner, _upload)
            ? new ArgumentException($"Upload {uploadId} is complete; a part of it can't be put any more.")
            : null;

    protected override void Change(WriteTransaction transaction)
    {
        if (index == 0)
            transaction.SweepUploads(PartsSwept);
        transaction.UpsertPart(owner, _upload, index, bytes.Span);
    }
}

/// <inheritdoc cref="IEventStore.CompleteBlobAsync"/>
internal sealed class CompleteBlobRequest(
    OwnershipToken ownership, string owner, Guid uploadId, BlobHash hash, long sizeBytes)
    : FencedRequest(ownership, 256)
{
    private readonly string _upload = SqliteBlobQueries.NameOf(uploadId);

    protected override Exception? Check(WriteTransaction transaction) =>
        transaction.HasBlob(owner, hash) ? null : transaction.ReadParts(owner, _upload).Check(sizeBytes);

    protected override void Change(WriteTransaction transaction)
    {
        if (!transaction.HasBlob(owner, hash))
            transaction.CompleteUpload(owner, _upload, hash, sizeBytes);
    }
}
