using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Postgres;

public sealed partial class PostgresEventStore
{
    /// <inheritdoc/>
    public Task<Ownership?> ReadOwnershipAsync(string scope, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresQueries.ReadOwnershipAsync(connection, scope, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => PostgresQueries.ReadEventsAsync(
                connection, persistenceId, fromSequenceNr, toSequenceNr, limit, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresQueries.ReadHighestAsync(connection, persistenceId, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresQueries.ReadLatestSnapshotAsync(
                connection, persistenceId, criteria, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<RecoveryStart> ReadRecoveryAsync(
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long toSequenceNr,
        int limit,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => PostgresQueries.ReadRecoveryAsync(
                connection, persistenceId, fromSnapshot, toSequenceNr, limit, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        string? tag, long afterOrdering, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => PostgresQueries.ReadEventsByTagAsync(connection, tag, afterOrdering, limit, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(
        int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => PostgresQueries.ReadNewestEventsAsync(connection, limit, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        string prefix, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        StoreLimits.CheckPrefix(prefix);
        return _reads.RunAsync(
            connection => PostgresQueries.ListPersistenceIdsAsync(connection, prefix, afterId, limit, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<EntityIndexEntry?> FindEntityAsync(
        string kind, string id, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresEntityQueries.FindAsync(connection, kind, id, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntityIndexEntry>> ListEntitiesAsync(
        EntityIndexQuery query, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(query.Limit);
        return _reads.RunAsync(
            connection => PostgresEntityQueries.ListAsync(connection, query, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntityIndexEntry>> ListOpenEntitiesAsync(
        string kind, string? scope, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => PostgresEntityQueries.ListOpenAsync(
                connection, kind, scope, afterId, limit, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresEntityQueries.ReadBlobAsync(connection, owner, hash, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<StoredBlobInfo?> ReadBlobInfoAsync(
        string owner, BlobHash hash, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresEntityQueries.ReadBlobInfoAsync(connection, owner, hash, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        string owner, BlobHash hash, int index, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => PostgresEntityQueries.ReadBlobPartAsync(connection, owner, hash, index, cancellationToken),
            cancellationToken);
}
