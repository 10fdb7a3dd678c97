using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

/// <summary>A real store whose appends and recoveries a test can hold back or let fail.</summary>
internal sealed class InterceptingStore(IEventStore inner) : IEventStore
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _heldAppends = new();
    private TaskCompletionSource? _held;
    private int _recoveriesUnderWay;

    /// <summary>What an append fails with instead of being written; null lets it through.</summary>
    public Func<AtomicWrite, Exception?> FailAppend { get; set; } = _ => null;

    /// <summary>What an append throws at once, before anything is queued.</summary>
    public Func<AtomicWrite, Exception?> RefuseAppend { get; set; } = _ => null;

    public int AppendsCalled { get; private set; }

    public int RecoveriesCalled { get; private set; }

    public int MostRecoveriesAtOnce { get; private set; }

    /// <summary>Holds appends and recoveries back until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate)
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Release()
    {
        lock (_gate)
        {
            while (_heldAppends.TryDequeue(out var append))
                append();
            _held?.SetResult();
            _held = null;
        }
    }

    public Task<long> AppendAsync(AtomicWrite write, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            AppendsCalled++;
            if (RefuseAppend(write) is { } refusal)
                throw refusal;
            if (_held is null)
                return AppendOrFail(write);
            var ended = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            _heldAppends.Enqueue(() => _ = AppendOrFail(write).ContinueWith(done => ended.SetFromTask(done), TaskScheduler.Default));
            return ended.Task;
        }
    }

    public async Task<RecoveryStart> ReadRecoveryAsync(
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default)
    {
        Task held;
        lock (_gate)
        {
            RecoveriesCalled++;
            MostRecoveriesAtOnce = Math.Max(MostRecoveriesAtOnce, ++_recoveriesUnderWay);
            held = _held?.Task ?? Task.CompletedTask;
        }
        await held.ConfigureAwait(false);
        var start = await inner
            .ReadRecoveryAsync(persistenceId, fromSnapshot, toSequenceNr, limit, cancellationToken)
            .ConfigureAwait(false);
        lock (_gate)
            _recoveriesUnderWay--;
        return start;
    }

    public Task<OwnershipToken> AcquireOwnershipAsync(
        string scope, string owner, CancellationToken cancellationToken = default) =>
        inner.AcquireOwnershipAsync(scope, owner, cancellationToken);

    public Task<Ownership?> ReadOwnershipAsync(string scope, CancellationToken cancellationToken = default) =>
        inner.ReadOwnershipAsync(scope, cancellationToken);

    public Task SaveSnapshotAsync(
        OwnershipToken ownership, NewSnapshot snapshot, CancellationToken cancellationToken = default) =>
        inner.SaveSnapshotAsync(ownership, snapshot, cancellationToken);

    public Task DeleteEventsAsync(
        OwnershipToken ownership,
        string persistenceId,
        long toSequenceNr,
        CancellationToken cancellationToken = default) =>
        inner.DeleteEventsAsync(ownership, persistenceId, toSequenceNr, cancellationToken);

    public Task DeleteSnapshotsAsync(
        OwnershipToken ownership,
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken = default) =>
        inner.DeleteSnapshotsAsync(ownership, persistenceId, criteria, cancellationToken);

    public Task PutBlobsAsync(
        OwnershipToken ownership, IReadOnlyList<Blob> blobs, CancellationToken cancellationToken = default) =>
        inner.PutBlobsAsync(ownership, blobs, cancellationToken);

    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default) =>
        inner.ReadEventsAsync(persistenceId, fromSequenceNr, toSequenceNr, limit, cancellationToken);

    public Task<long> ReadHighestSequenceNrAsync(
        string persistenceId, CancellationToken cancellationToken = default) =>
        inner.ReadHighestSequenceNrAsync(persistenceId, cancellationToken);

    public Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        inner.ReadLatestSnapshotAsync(persistenceId, criteria, cancellationToken);

    public Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        string? tag, long afterOrdering, int limit, CancellationToken cancellationToken = default) =>
        inner.ReadEventsByTagAsync(tag, afterOrdering, limit, cancellationToken);

    public Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(
        int limit, CancellationToken cancellationToken = default) =>
        inner.ReadNewestEventsAsync(limit, cancellationToken);

    public Task<EntityIndexEntry?> FindEntityAsync(
        string kind, string id, CancellationToken cancellationToken = default) =>
        inner.FindEntityAsync(kind, id, cancellationToken);

    public Task<IReadOnlyList<EntityIndexEntry>> ListEntitiesAsync(
        EntityIndexQuery query, CancellationToken cancellationToken = default) =>
        inner.ListEntitiesAsync(query, cancellationToken);

    public Task<IReadOnlyList<EntityIndexEntry>> ListOpenEntitiesAsync(
        string kind, string? scope, string? afterId, int limit, CancellationToken cancellationToken = default) =>
        inner.ListOpenEntitiesAsync(kind, scope, afterId, limit, cancellationToken);

    public Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        string prefix, string? afterId, int limit, CancellationToken cancellationToken = default) =>
        inner.ListPersistenceIdsAsync(prefix, afterId, limit, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        inner.ReadBlobAsync(owner, hash, cancellationToken);

    public Task PutBlobPartAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        int index,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken = default) =>
        inner.PutBlobPartAsync(ownership, owner, uploadId, index, bytes, cancellationToken);

    public Task CompleteBlobAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        BlobHash hash,
        long sizeBytes,
        CancellationToken cancellationToken = default) =>
        inner.CompleteBlobAsync(ownership, owner, uploadId, hash, sizeBytes, cancellationToken);

    public Task<StoredBlobInfo?> ReadBlobInfoAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        inner.ReadBlobInfoAsync(owner, hash, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        string owner, BlobHash hash, int index, CancellationToken cancellationToken = default) =>
        inner.ReadBlobPartAsync(owner, hash, index, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private Task<long> AppendOrFail(AtomicWrite write) =>
        FailAppend(write) is { } failure ? Task.FromException<long>(failure) : inner.AppendAsync(write);
}
