using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

public sealed partial class SimulatedStore
{
    /// <inheritdoc/>
    public Task<ClusterView> ReadClusterAsync(long knownVersion, CancellationToken cancellationToken = default) =>
        Read(database => database.ReadCluster(knownVersion), cancellationToken);

    /// <inheritdoc/>
    public Task<Ownership?> ReadOwnershipAsync(string scope, CancellationToken cancellationToken = default) =>
        Read(database => database.ReadOwnership(scope), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return Read(
            database => database.ReadEvents(persistenceId, fromSequenceNr, toSequenceNr, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellationToken = default) =>
        Read(database => database.HighestSequenceNr(persistenceId), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        Read(database => database.LatestSnapshot(persistenceId, criteria), cancellationToken);

    /// <inheritdoc/>
    public Task<RecoveryStart> ReadRecoveryAsync(
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return Read(ReadStart, cancellationToken);

        RecoveryStart ReadStart(SimulatedDatabase database)
        {
            var snapshot = database.LatestSnapshot(persistenceId, fromSnapshot);
            var page = database.ReadEvents(persistenceId, (snapshot?.SequenceNr ?? 0) + 1, toSequenceNr, limit);
            return new RecoveryStart(snapshot, page, database.HighestSequenceNr(persistenceId));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        string? tag, long afterOrdering, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return Read(database => database.ReadEventsByTag(tag, afterOrdering, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(
        int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return Read(database => database.ReadNewestEvents(limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<EntityIndexEntry?> FindEntityAsync(
        string kind, string id, CancellationToken cancellationToken = default) =>
        Read(database => database.FindEntity(kind, id), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntityIndexEntry>> ListEntitiesAsync(
        EntityIndexQuery query, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(query.Limit);
        return Read(database => database.ListEntities(query), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntityIndexEntry>> ListOpenEntitiesAsync(
        string kind, string? scope, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return Read(database => database.ListOpenEntities(kind, scope, afterId, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        string prefix, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        StoreLimits.CheckPrefix(prefix);
        return Read(database => database.ListPersistenceIds(prefix, afterId, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        Read(database => database.ReadBlob(owner, hash), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredBlobInfo?> ReadBlobInfoAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        Read(database => database.ReadBlobInfo(owner, hash), cancellationToken);

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        string owner, BlobHash hash, int index, CancellationToken cancellationToken = default) =>
        Read(database => database.ReadBlobPart(owner, hash, index), cancellationToken);

    private Task<T> Read<T>(Func<SimulatedDatabase, T> read, CancellationToken cancellationToken) =>
        Ask(StoreOperation.Read, read, cancellationToken);
}
