using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>
/// A real store under a simulation: each call has ended when it returns, so that the store's own threads bring nothing
/// into the simulation's one.
/// </summary>
internal sealed class BlockingStore(IClusterStore inner) : IClusterStore
{
    private Action? _changed;

    /// <summary>Which writes fail as if the database could not be reached.</summary>
    public Func<AtomicWrite, bool> FailsToWrite { get; set; } = _ => false;
    private bool _hasChanged;

    public Task<OwnershipToken> AcquireOwnershipAsync(
        string scope, string owner, CancellationToken cancellationToken = default) =>
        Ended(inner.AcquireOwnershipAsync(scope, owner, cancellationToken));

    public Task<Ownership?> ReadOwnershipAsync(string scope, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadOwnershipAsync(scope, cancellationToken));

    public Task<long> AppendAsync(AtomicWrite write, CancellationToken cancellationToken = default) =>
        FailsToWrite(write)
            ? Task.FromException<long>(new EventStoreUnavailableException("The test cuts it off.", new IOException()))
            : Ended(inner.AppendAsync(write, cancellationToken));

    public Task SaveSnapshotAsync(
        OwnershipToken ownership, NewSnapshot snapshot, CancellationToken cancellationToken = default) =>
        Ended(inner.SaveSnapshotAsync(ownership, snapshot, cancellationToken));

    public Task DeleteEventsAsync(
        OwnershipToken ownership,
        string persistenceId,
        long toSequenceNr,
        CancellationToken cancellationToken = default) =>
        Ended(inner.DeleteEventsAsync(ownership, persistenceId, toSequenceNr, cancellationToken));

    public Task DeleteSnapshotsAsync(
        OwnershipToken ownership,
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken = default) =>
        Ended(inner.DeleteSnapshotsAsync(ownership, persistenceId, criteria, cancellationToken));

    public Task PutBlobsAsync(
        OwnershipToken ownership, IReadOnlyList<Blob> blobs, CancellationToken cancellationToken = default) =>
        Ended(inner.PutBlobsAsync(ownership, blobs, cancellationToken));

    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default) =>
        Ended(inner.ReadEventsAsync(persistenceId, fromSequenceNr, toSequenceNr, limit, cancellationToken));

    public Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadHighestSequenceNrAsync(persistenceId, cancellationToken));

    public Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadLatestSnapshotAsync(persistenceId, criteria, cancellationToken));

    public Task<RecoveryStart> ReadRecoveryAsync(
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default) =>
        Ended(inner.ReadRecoveryAsync(persistenceId, fromSnapshot, toSequenceNr, limit, cancellationToken));

    public Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        string? tag, long afterOrdering, int limit, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadEventsByTagAsync(tag, afterOrdering, limit, cancellationToken));

    public Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(
        int limit, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadNewestEventsAsync(limit, cancellationToken));

    public Task<EntityIndexEntry?> FindEntityAsync(
        string kind, string id, CancellationToken cancellationToken = default) =>
        Ended(inner.FindEntityAsync(kind, id, cancellationToken));

    public Task<IReadOnlyList<EntityIndexEntry>> ListEntitiesAsync(
        EntityIndexQuery query, CancellationToken cancellationToken = default) =>
        Ended(inner.ListEntitiesAsync(query, cancellationToken));

    public Task<IReadOnlyList<EntityIndexEntry>> ListOpenEntitiesAsync(
        string kind, string? scope, string? afterId, int limit, CancellationToken cancellationToken = default) =>
        Ended(inner.ListOpenEntitiesAsync(kind, scope, afterId, limit, cancellationToken));

    public Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        string prefix, string? afterId, int limit, CancellationToken cancellationToken = default) =>
        Ended(inner.ListPersistenceIdsAsync(prefix, afterId, limit, cancellationToken));

    public Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadBlobAsync(owner, hash, cancellationToken));

    public Task PutBlobPartAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        int index,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken = default) =>
        Ended(inner.PutBlobPartAsync(ownership, owner, uploadId, index, bytes, cancellationToken));

    public Task CompleteBlobAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        BlobHash hash,
        long sizeBytes,
        CancellationToken cancellationToken = default) =>
        Ended(inner.CompleteBlobAsync(ownership, owner, uploadId, hash, sizeBytes, cancellationToken));

    public Task<StoredBlobInfo?> ReadBlobInfoAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadBlobInfoAsync(owner, hash, cancellationToken));

    public Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        string owner, BlobHash hash, int index, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadBlobPartAsync(owner, hash, index, cancellationToken));

    public Task<ClusterView> JoinAsync(
        NewMember member, TimeSpan lease, CancellationToken cancellationToken = default) =>
        Ended(inner.JoinAsync(member, lease, cancellationToken));

    public Task<ClusterView> RenewAsync(
        string memberId, TimeSpan lease, long knownVersion, CancellationToken cancellationToken = default) =>
        Ended(inner.RenewAsync(memberId, lease, knownVersion, cancellationToken));

    public Task<ClusterView> ReadClusterAsync(long knownVersion, CancellationToken cancellationToken = default) =>
        Ended(inner.ReadClusterAsync(knownVersion, cancellationToken));

    public Task<bool> SetStatusAsync(
        string memberId, MemberStatus status, CancellationToken cancellationToken = default) =>
        Ended(inner.SetStatusAsync(memberId, status, cancellationToken));

    public Task<IReadOnlyList<OwnershipToken>> ClaimAsync(
        string memberId, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default) =>
        Ended(inner.ClaimAsync(memberId, scopes, cancellationToken));

    public Task ReleaseAsync(
        string memberId, IReadOnlyList<OwnershipToken> tokens, CancellationToken cancellationToken = default) =>
        Ended(inner.ReleaseAsync(memberId, tokens, cancellationToken));

    public IDisposable OnChanged(Action changed)
    {
        _changed += changed;
        return inner.OnChanged(() => Volatile.Write(ref _hasChanged, true)); // by a thread of the store
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private T Ended<T>(T task)
        where T : Task
    {
        ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        if (Interlocked.Exchange(ref _hasChanged, false))
        {
            _changed?.Invoke();
        }

        return task;
    }
}
