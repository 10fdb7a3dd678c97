using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Batching;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using Microsoft.Data.Sqlite;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// An event store in one SQLite file, for one process or several on one host. All writers of the process share
/// transactions (group commit), each of which costs one flush to disk.
/// </summary>
public sealed partial class SqliteEventStore : IClusterStore
{
    private const long WriterCacheKiB = 64 << 10;
    private const long ReaderCacheKiB = 8 << 10;

    private readonly TimeProvider _time;
    private readonly GroupCommitQueue<WriteRequest> _queue;
    private readonly ReadPool _reads;
    private readonly SqliteWriter _writer;
    private readonly ChangePoll _changes;

    private SqliteEventStore(
        SqliteEventStoreSettings settings, IActorRuntime runtime, SqliteConnection connection)
    {
        _time = runtime.Time;
        _reads = new ReadPool(
            runtime,
            () => new ReadConnection(SqliteConnections.Open(settings.Path, settings.BusyTimeout, ReaderCacheKiB)),
            settings.ReadConnections,
            settings.MaxQueuedReads);
        _queue = new GroupCommitQueue<WriteRequest>(settings.MaxQueuedRequests, settings.MaxQueuedBytes);
        var own = SqliteConnections.Open(settings.Path, settings.BusyTimeout, ReaderCacheKiB);
        var checkpointer = new SqliteCheckpointer(connection, own, _reads, settings.CheckpointPages);
        _changes = new ChangePoll(runtime.Time, settings.ChangePollInterval, ReadClusterVersionAsync);
        _writer = new SqliteWriter(settings, runtime.Time, _queue, connection, checkpointer);
    }

    /// <summary>Opens the store, creating the file or bringing its schema to the newest version where needed.</summary>
    /// <param name="settings">Path and bounds.</param>
    /// <param name="runtime">Its clock stamps what is written; its threads run the reads.</param>
    /// <exception cref="EventStoreSchemaException">The file is a newer version's or isn't an event store.</exception>
    /// <exception cref="EventStoreUnavailableException">The file can't be opened.</exception>
    public static SqliteEventStore Open(SqliteEventStoreSettings settings, IActorRuntime runtime)
    {
        settings.Validate();
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(settings.Path))!);
            connection = SqliteConnections.Open(settings.Path, settings.BusyTimeout, WriterCacheKiB);
            SqliteSchema.Migrate(connection, settings.Path, runtime.Time.GetUtcNow().ToUnixTimeMilliseconds());
            SqliteConnections.MakeDurable(connection);
            if (settings.MaxSizeBytes is { } maxSizeBytes)
                SqliteConnections.LimitSize(connection, maxSizeBytes);
            return new SqliteEventStore(settings, runtime, connection);
        }
        catch (Exception error)
        {
            connection?.Dispose();
            if (error is SqliteException)
                throw SqliteErrors.Translate(error, $"opening '{settings.Path}'");
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<OwnershipToken> AcquireOwnershipAsync(
        string scope, string owner, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(scope, "A scope");
        StoreLimits.CheckName(owner, "An owner");
        return Write(new AcquireOwnershipRequest(scope, owner), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(AtomicWrite write, CancellationToken cancellationToken = default)
    {
        write.Validate();
        return Write(new AppendRequest(write), cancellationToken);
    }

    /// <inheritdoc/>
    public Task SaveSnapshotAsync(
        OwnershipToken ownership, NewSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        snapshot.Validate();
        return Write(new SaveSnapshotRequest(ownership, snapshot), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteEventsAsync(
        OwnershipToken ownership,
        string persistenceId,
        long toSequenceNr,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(persistenceId, "A persistence id");
        return Write(new DeleteEventsRequest(ownership, persistenceId, toSequenceNr), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteSnapshotsAsync(
        OwnershipToken ownership,
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(persistenceId, "A persistence id");
        return Write(new DeleteSnapshotsRequest(ownership, persistenceId, criteria), cancellationToken);
    }

    /// <inheritdoc/>
    public Task PutBlobsAsync(
        OwnershipToken ownership, IReadOnlyList<Blob> blobs, CancellationToken cancellationToken = default) =>
        Write(new PutBlobsRequest(ownership, blobs), cancellationToken);

    /// <inheritdoc/>
    public Task<Ownership?> ReadOwnershipAsync(string scope, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(connection => SqliteQueries.ReadOwnership(connection, scope), cancellationToken);

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
            connection => SqliteQueries.ReadEvents(connection, persistenceId, fromSequenceNr, toSequenceNr, limit),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> ReadHighestSequenceNrAsync(
        string persistenceId, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => SqliteQueries.ReadHighestSequenceNr(connection, persistenceId), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(
            connection => SqliteQueries.ReadLatestSnapshot(connection, persistenceId, criteria), cancellationToken);

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
            connection => SqliteQueries.ReadRecovery(connection, persistenceId, fromSnapshot, toSequenceNr, limit),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        string? tag, long afterOrdering, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => SqliteQueries.ReadEventsByTag(connection, tag, afterOrdering, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(
        int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(connection => SqliteQueries.ReadNewestEvents(connection, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<EntityIndexEntry?> FindEntityAsync(
        string kind, string id, CancellationToken cancellationToken = default) =>
        _reads.RunAsync(connection => SqliteEntityQueries.Find(connection, kind, id), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntityIndexEntry>> ListEntitiesAsync(
        EntityIndexQuery query, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(query.Limit);
        return _reads.RunAsync(connection => SqliteEntityQueries.List(connection, query), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntityIndexEntry>> ListOpenEntitiesAsync(
        string kind, string? scope, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        return _reads.RunAsync(
            connection => SqliteEntityQueries.ListOpen(connection, kind, scope, afterId, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        string prefix, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckLimit(limit);
        StoreLimits.CheckPrefix(prefix);
        return _reads.RunAsync(
            connection => SqliteQueries.ListPersistenceIds(connection, prefix, afterId, limit), cancellationToken);
    }

    /// <summary>Writes what was called for already, refuses everything else, closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _changes.Close();
        await _writer.DisposeAsync();
        _reads.Close();
    }

    private Task<TResult> Write<TResult>(WriteRequest<TResult> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _queue.Enqueue(request);
        return request.Task;
    }
}
