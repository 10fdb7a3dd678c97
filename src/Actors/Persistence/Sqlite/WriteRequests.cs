using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <inheritdoc cref="IEventStore.AppendAsync"/>
internal sealed class AppendRequest(AtomicWrite write) : WriteRequest<long>
{
    private long _ordering;

    public override long SizeBytes { get; } = write.SizeBytes;

    protected override long Result => _ordering;

    public override Exception? Execute(WriteTransaction transaction)
    {
        if (transaction.CheckOwnership(write.Ownership) is { } fenced)
            return fenced;
        if (write.Events.Count > 0)
        {
            var highest = transaction.ReadHighestSequenceNr(write.PersistenceId!);
            if (highest + 1 != write.FirstSequenceNr)
                return new SequenceConflictException(write.PersistenceId!, write.FirstSequenceNr, highest);
            _ordering = transaction.InsertEvents(write);
        }
        if (write.IndexEntry is not null)
            transaction.UpsertEntity(write.IndexEntry, write.Ownership.Scope);
        if (write.Blobs.Count > 0)
            transaction.InsertBlobs(write.Blobs);
        return null;
    }
}

/// <summary>A write that returns nothing but is fenced.</summary>
internal abstract class FencedRequest : WriteRequest<bool>
{
    protected FencedRequest(OwnershipToken ownership, long sizeBytes)
    {
        StoreLimits.CheckName(ownership.Scope, "The ownership's scope");
        Ownership = ownership;
        SizeBytes = sizeBytes;
    }

    public override long SizeBytes { get; }

    protected sealed override bool Result => true;

    protected OwnershipToken Ownership { get; }

    public sealed override Exception? Execute(WriteTransaction transaction)
    {
        if ((transaction.CheckOwnership(Ownership) ?? Check(transaction)) is { } refusal)
            return refusal;
        Change(transaction);
        return null;
    }

    /// <summary>Why the change is refused although the owner may write; null if it isn't.</summary>
    protected virtual Exception? Check(WriteTransaction transaction) => null;

    protected abstract void Change(WriteTransaction transaction);
}

/// <inheritdoc cref="IEventStore.SaveSnapshotAsync"/>
internal sealed class SaveSnapshotRequest(OwnershipToken ownership, NewSnapshot snapshot)
    : FencedRequest(ownership, 256 + snapshot.Payload.Length)
{
    protected override void Change(WriteTransaction transaction) =>
        transaction.UpsertSnapshot(snapshot, Ownership.Epoch);
}

/// <inheritdoc cref="IEventStore.DeleteSnapshotsAsync"/>
internal sealed class DeleteSnapshotsRequest(
    OwnershipToken ownership, string persistenceId, SnapshotSelectionCriteria criteria)
    : FencedRequest(ownership, 256)
{
    protected override void Change(WriteTransaction transaction) =>
        transaction.DeleteSnapshots(persistenceId, criteria);
}

/// <inheritdoc cref="IEventStore.PutBlobsAsync"/>
internal sealed class PutBlobsRequest(OwnershipToken ownership, IReadOnlyList<Blob> blobs)
    : FencedRequest(ownership, blobs.Sum(blob => 128L + blob.Content.Length))
{
    protected override void Change(WriteTransaction transaction) => transaction.InsertBlobs(blobs);
}

/// <summary>
/// Deletes events a bounded number at a time: deleting a million at once would hold up every other writer for seconds.
/// </summary>
internal sealed class DeleteEventsRequest(OwnershipToken ownership, string persistenceId, long toSequenceNr)
    : FencedRequest(ownership, 256)
{
    private const int EventsPerTransaction = 2_000;

    protected override void Change(WriteTransaction transaction) =>
        HasMore = transaction.DeleteEvents(persistenceId, toSequenceNr, EventsPerTransaction) == EventsPerTransaction;
}
