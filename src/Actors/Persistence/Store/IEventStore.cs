namespace GpuActors.Actors.Persistence.Store;

/// <summary>
/// Durable events, snapshots, entity index and blobs of one node. All members may be called from any thread.
/// </summary>
/// <remarks>
/// <para><b>Durability.</b> The task of a write completes when the write survives a crash of process and machine.</para>
/// <para><b>Order.</b> Writes of one store instance take effect in the order of the calls, also across kinds: when a
/// write is durable, so is everything for which the call was made before and that didn't fail.</para>
/// <para><b>Isolation of failures.</b> A refused write (<see cref="FencedException"/>,
/// <see cref="SequenceConflictException"/>) changes nothing and doesn't touch others that share its transaction.
/// When the medium fails, every write of the transaction gets an <see cref="EventStoreUnavailableException"/>, and
/// the store stays usable. Because sequence numbers must follow each other without a gap, writes of the same
/// persistence id that were called after a failed one are refused too: the journal never has holes.</para>
/// <para><b>Bounds.</b> When too much waits, calls fail at once with <see cref="EventStoreOverloadedException"/>.
/// Cancellation is looked at before a request is queued; afterwards a write runs to its end, because its outcome
/// couldn't be told otherwise.</para>
/// </remarks>
public interface IEventStore : IAsyncDisposable
{
    /// <summary>
    /// Makes <paramref name="owner"/> the owner of <paramref name="scope"/> and raises the scope's epoch by one, which
    /// makes all older tokens of the scope stale, in every process that uses the same data.
    /// </summary>
    Task<OwnershipToken> AcquireOwnershipAsync(
        string scope, string owner, CancellationToken cancellationToken = default);

    /// <summary>Who owns <paramref name="scope"/>; null if nobody ever acquired it.</summary>
    Task<Ownership?> ReadOwnershipAsync(string scope, CancellationToken cancellationToken = default);

    /// <summary>Writes all parts of <paramref name="write"/> or none.</summary>
    /// <returns><see cref="StoredEvent.Ordering"/> of the last event; 0 if there was none.</returns>
    Task<long> AppendAsync(AtomicWrite write, CancellationToken cancellationToken = default);

    /// <summary>Saves a snapshot; replaces one of the same sequence number.</summary>
    Task SaveSnapshotAsync(
        OwnershipToken ownership, NewSnapshot snapshot, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes the events of <paramref name="persistenceId"/> up to <paramref name="toSequenceNr"/> (inclusive). The
    /// highest sequence number is remembered. Many events are deleted in several transactions, oldest first.
    /// </summary>
    Task DeleteEventsAsync(
        OwnershipToken ownership,
        string persistenceId,
        long toSequenceNr,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes the snapshots of <paramref name="persistenceId"/> that match.</summary>
    Task DeleteSnapshotsAsync(
        OwnershipToken ownership,
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken = default);

    /// <summary>Stores blobs; those that are there already are left alone.</summary>
    Task PutBlobsAsync(
        OwnershipToken ownership, IReadOnlyList<Blob> blobs, CancellationToken cancellationToken = default);

    /// <summary>
    /// Events of <paramref name="persistenceId"/> with sequence numbers from <paramref name="fromSequenceNr"/> to
    /// <paramref name="toSequenceNr"/> (both inclusive) in order: the first <paramref name="limit"/> of them, or fewer
    /// when they exceed <see cref="StoreLimits.MaxPageBytes"/>. Empty when there is no more.
    /// </summary>
    Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default);

    /// <summary>Highest sequence number ever stored for <paramref name="persistenceId"/>, deleted or not; 0 if none.
    /// </summary>
    Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellationToken = default);

    /// <summary>The snapshot of the highest sequence number that matches; null if there is none.</summary>
    Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default);

    /// <summary>What an actor needs first to recover: the newest snapshot that matches, the first page of the events
    /// after it, and the highest sequence number.</summary>
    async Task<RecoveryStart> ReadRecoveryAsync(
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default)
    {
        var snapshot = await ReadLatestSnapshotAsync(persistenceId, fromSnapshot, cancellationToken);
        var first = (snapshot?.SequenceNr ?? 0) + 1;
        var page = await ReadEventsAsync(persistenceId, first, toSequenceNr, limit, cancellationToken);
        var highest = await ReadHighestSequenceNrAsync(persistenceId, cancellationToken);
        return new RecoveryStart(snapshot, page, highest);
    }

    /// <summary>
    /// Events with <paramref name="tag"/> (null for all events) behind <paramref name="afterOrdering"/> (0 for all), by
    /// <see cref="StoredEvent.Ordering"/>. An event that becomes visible later has a higher ordering than all seen.
    /// </summary>
    Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        string? tag, long afterOrdering, int limit, CancellationToken cancellationToken = default);

    /// <summary>The newest events of all, by <see cref="StoredEvent.Ordering"/>, at most <paramref name="limit"/>.
    /// </summary>
    Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>The index row of an entity; null if there is none.</summary>
    Task<EntityIndexEntry?> FindEntityAsync(string kind, string id, CancellationToken cancellationToken = default);

    /// <summary>Entities that match, newest first.</summary>
    Task<IReadOnlyList<EntityIndexEntry>> ListEntitiesAsync(
        EntityIndexQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Open entities of a kind by id, those behind <paramref name="afterId"/> (null for the first page): those whose
    /// row was last written under <paramref name="scope"/>, or all if it is null.
    /// </summary>
    Task<IReadOnlyList<EntityIndexEntry>> ListOpenEntitiesAsync(
        string kind, string? scope, string? afterId, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Persistence ids that begin with <paramref name="prefix"/> (empty for all) and have events, by id, those behind
    /// <paramref name="afterId"/> (null for the first page).
    /// </summary>
    Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        string prefix, string? afterId, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// The content of a blob that was put whole; null if <paramref name="owner"/> has none with this hash, or one in
    /// parts (<see cref="ReadBlobPartAsync"/> reads both).
    /// </summary>
    Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores part <paramref name="index"/> (from 0) of an upload, replacing the same part of an earlier call. Each
    /// part but the last has <see cref="StoreLimits.MaxBlobBytes"/>. Nothing is visible before
    /// <see cref="CompleteBlobAsync"/>; an upload that isn't completed within
    /// <see cref="StoreLimits.UploadLifetime"/> is deleted, a bounded number of parts whenever another one begins.
    /// </summary>
    /// <exception cref="ArgumentException">The upload is complete already.</exception>
    Task PutBlobPartAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        int index,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes the parts of an upload the blob <paramref name="hash"/> of <paramref name="sizeBytes"/>. The caller has
    /// computed the hash; the store checks the number and the sizes of the parts. If the owner has this blob already,
    /// nothing changes.
    /// </summary>
    /// <exception cref="BlobIncompleteException">Parts are missing or have a wrong size.</exception>
    Task CompleteBlobAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        BlobHash hash,
        long sizeBytes,
        CancellationToken cancellationToken = default);

    /// <summary>Size of a blob, whole or in parts; null if <paramref name="owner"/> has none with this hash.</summary>
    Task<StoredBlobInfo?> ReadBlobInfoAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default);

    /// <summary>
    /// Part <paramref name="index"/> of a blob: bytes from <paramref name="index"/> times
    /// <see cref="StoreLimits.MaxBlobBytes"/> on. A blob that was put whole is its own part 0. Null if there is none.
    /// </summary>
    Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        string owner, BlobHash hash, int index, CancellationToken cancellationToken = default);
}
