using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>
/// An event store in a PostgreSQL database, for any number of nodes on any number of hosts. The writers of a node share
/// transactions (group commit). When the server is gone, calls fail with
/// <see cref="EventStoreUnavailableException"/>; when it is back, they work again.
/// </summary>
public sealed partial class PostgresEventStore : IClusterStore
{
    private const int LeaseConnections = 3;

    private readonly PostgresEventStoreSettings _settings;
    private readonly NpgsqlDataSource _writing;
    private readonly PostgresWriter _writer;
    private readonly PostgresWriter _cluster;
    private readonly PostgresReads _reads;
    private readonly PostgresReads _leases;
    private readonly PostgresNotifications _notifications;

    private PostgresEventStore(PostgresEventStoreSettings settings, IActorRuntime runtime, NpgsqlDataSource writing)
    {
        _settings = settings;
        _writing = writing;
        _writer = new PostgresWriter(settings, runtime.Time, writing, "event store writer");
        _cluster = new PostgresWriter(settings, runtime.Time, writing, "cluster store writer");
        _notifications = new PostgresNotifications(writing, runtime.Time);
        _reads = new PostgresReads(
            PostgresConnections.Create(settings, settings.ReadConnections, "reader"),
            settings.ReadConnections, settings.MaxQueuedReads);
        // Apart from the other reads: a lease must not run out because many recover.
        _leases = new PostgresReads(
            PostgresConnections.Create(settings, LeaseConnections, "lease"), LeaseConnections, settings.MaxQueuedReads);
    }

    /// <summary>Connects, and creates the tables or brings them to the newest version where needed.</summary>
    /// <param name="settings">Where, and bounds.</param>
    /// <param name="runtime">Its clock paces reconnecting; what is stored has the server's time.</param>
    /// <exception cref="EventStoreSchemaException">The tables are a newer version's, or the server is too old.</exception>
    /// <exception cref="EventStoreUnavailableException">The server can't be reached or refuses.</exception>
    public static PostgresEventStore Open(PostgresEventStoreSettings settings, IActorRuntime runtime)
    {
        settings.Validate();
        const int threadsAndListener = 4;
        var writing = PostgresConnections.Create(settings, threadsAndListener, "writer");
        try
        {
            using var session = new PostgresSession(writing);
            PostgresSchema.Migrate(session);
            return new PostgresEventStore(settings, runtime, writing);
        }
        catch (Exception error)
        {
            writing.Dispose();
            if (error is NpgsqlException or TimeoutException)
                throw PostgresErrors.Translate(error, "opening");
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<OwnershipToken> AcquireOwnershipAsync(
        string scope, string owner, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(scope, "A scope");
        StoreLimits.CheckName(owner, "An owner");
        return Change(
            _writer, tables => new OwnershipToken(scope, ClusterRules.Acquire(tables, scope, owner)), cancellationToken);
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
        return Alone(_writer, new DeleteEventsRequest(ownership, persistenceId, toSequenceNr), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteSnapshotsAsync(
        OwnershipToken ownership,
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(persistenceId, "A persistence id");
        return Fenced(
            ownership, connection => PostgresChanges.DeleteSnapshots(connection, persistenceId, criteria),
            sizeBytes: 256, cancellationToken);
    }

    /// <inheritdoc/>
    public Task PutBlobsAsync(
        OwnershipToken ownership, IReadOnlyList<Blob> blobs, CancellationToken cancellationToken = default) =>
        Write(new PutBlobsRequest(ownership, blobs), cancellationToken);

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
        return Fenced(
            ownership, connection => PostgresBlobs.PutPart(connection, owner, uploadId, index, bytes),
            256 + bytes.Length, cancellationToken);
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
        return Fenced(
            ownership, connection => PostgresBlobs.Complete(connection, owner, uploadId, hash, sizeBytes),
            sizeBytes: 256, cancellationToken);
    }

    /// <summary>Writes what was called for already, refuses everything else, closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _notifications.DisposeAsync();
        await _writer.DisposeAsync();
        await _cluster.DisposeAsync();
        await _reads.DisposeAsync();
        await _leases.DisposeAsync();
        await _writing.DisposeAsync();
    }

    private Task<TResult> Write<TResult>(BatchedRequest<TResult> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _writer.Enqueue(request);
        return request.Task;
    }

    private static Task<TResult> Alone<TResult>(
        PostgresWriter writer, LoneRequest<TResult> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        writer.Enqueue(request);
        return request.Task;
    }

    private Task<bool> Fenced(
        OwnershipToken ownership, Action<NpgsqlConnection> change, long sizeBytes, CancellationToken cancellationToken)
    {
        return Alone(_writer, new LoneRequest<bool>(Run, sizeBytes), cancellationToken);

        bool Run(NpgsqlConnection connection)
        {
            PostgresChanges.CheckOwnership(connection, ownership);
            change(connection);
            return true;
        }
    }
}
