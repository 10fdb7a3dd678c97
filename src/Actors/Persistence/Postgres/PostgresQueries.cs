using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>What is read, as functions of a connection.</summary>
internal static class PostgresQueries
{
    private const string EventColumns =
        "ordering, persistence_id, sequence_nr, created, manifest, tags, payload, writer_epoch";

    // An actor's numbers have no holes. Said to the server, it can't decide to sort all that is left of a long journal
    // for each page, which it does while it has no statistics of a table that has just been filled.
    private const string Events = $"""
        WITH first AS (
            SELECT sequence_nr AS nr FROM journal WHERE persistence_id = $1 AND sequence_nr >= $2
            ORDER BY sequence_nr LIMIT 1)
        SELECT {EventColumns} FROM journal WHERE persistence_id = $1
            AND sequence_nr BETWEEN (SELECT nr FROM first) AND least($3, (SELECT nr FROM first) + $4 - 1)
        ORDER BY sequence_nr
        """;

    private const string EventsByTag = $"""
        SELECT {EventColumns} FROM tags JOIN journal ON ordering = ordering_id WHERE tag = $1 AND ordering_id > $2
        ORDER BY ordering_id LIMIT $3
        """;

    private const string AllEvents =
        $"SELECT {EventColumns} FROM journal WHERE ordering > $1 ORDER BY ordering LIMIT $2";

    private const string NewestEvents = $"""
        SELECT * FROM (SELECT {EventColumns} FROM journal ORDER BY ordering DESC LIMIT $1) AS newest ORDER BY ordering
        """;

    private const string Highest = """
        SELECT coalesce(
            (SELECT sequence_nr FROM journal WHERE persistence_id = $1 ORDER BY sequence_nr DESC LIMIT 1),
            (SELECT sequence_nr FROM journal_metadata WHERE persistence_id = $1), 0)
        """;

    private const string LatestSnapshot = """
        SELECT sequence_nr, created, manifest, payload, writer_epoch FROM snapshot
        WHERE persistence_id = $1 AND sequence_nr BETWEEN $2 AND $3 AND created BETWEEN $4 AND $5
        ORDER BY sequence_nr DESC LIMIT 1
        """;

    private const string PersistenceIds = """
        WITH RECURSIVE ids (id) AS (
            (SELECT persistence_id FROM journal WHERE persistence_id >= $1 AND persistence_id > $2 AND persistence_id < $3
                ORDER BY persistence_id LIMIT 1)
            UNION ALL
            SELECT (SELECT persistence_id FROM journal WHERE persistence_id > ids.id AND persistence_id < $3
                ORDER BY persistence_id LIMIT 1) FROM ids WHERE ids.id IS NOT NULL
        )
        SELECT id FROM ids WHERE id IS NOT NULL LIMIT $4
        """;

    public static Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        NpgsqlConnection connection, string persistenceId, long from, long to, int limit, CancellationToken token) =>
        ReadPageAsync(connection, PostgresSql.Command(Events, persistenceId, from, to, limit), token);

    public static Task<IReadOnlyList<StoredEvent>> ReadEventsByTagAsync(
        NpgsqlConnection connection, string? tag, long afterOrdering, int limit, CancellationToken token) =>
        ReadPageAsync(
            connection,
            tag is null
                ? PostgresSql.Command(AllEvents, afterOrdering, limit)
                : PostgresSql.Command(EventsByTag, tag, afterOrdering, limit),
            token);

    public static Task<IReadOnlyList<StoredEvent>> ReadNewestEventsAsync(
        NpgsqlConnection connection, int limit, CancellationToken token) =>
        ReadPageAsync(connection, PostgresSql.Command(NewestEvents, limit), token);

    public static async Task<long> ReadHighestAsync(
        NpgsqlConnection connection, string persistenceId, CancellationToken token) =>
        (await connection.ReadAsync(PostgresSql.Command(Highest, persistenceId), row => row.GetInt64(0), token)
            .ConfigureAwait(false))[0];

    public static async Task<StoredSnapshot?> ReadLatestSnapshotAsync(
        NpgsqlConnection connection, string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken token)
    {
        var command = PostgresSql.Command(
            LatestSnapshot, persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr,
            criteria.MinTimestamp?.ToUnixTimeMilliseconds() ?? long.MinValue,
            criteria.MaxTimeStamp.ToUnixTimeMilliseconds());
        var found = await connection.ReadAsync(
            command,
            row => new StoredSnapshot(
                persistenceId, row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.Utf8(3), row.GetInt64(4)),
            token).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : null;
    }

    public static async Task<RecoveryStart> ReadRecoveryAsync(
        NpgsqlConnection connection,
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long to,
        int limit,
        CancellationToken token)
    {
        var snapshot = await ReadLatestSnapshotAsync(connection, persistenceId, fromSnapshot, token).ConfigureAwait(false);
        var first = (snapshot?.SequenceNr ?? 0) + 1;
        var page = await ReadEventsAsync(connection, persistenceId, first, to, limit, token).ConfigureAwait(false);
        var highest = await ReadHighestAsync(connection, persistenceId, token).ConfigureAwait(false);
        return new RecoveryStart(snapshot, page, highest);
    }

    public static async Task<IReadOnlyList<string>> ListPersistenceIdsAsync(
        NpgsqlConnection connection, string prefix, string? afterId, int limit, CancellationToken token) =>
        await connection.ReadAsync(
            PostgresSql.Command(PersistenceIds, prefix, afterId ?? "", StoreLimits.BehindPrefix(prefix), limit),
            row => row.GetString(0), token).ConfigureAwait(false);

    public static async Task<Ownership?> ReadOwnershipAsync(
        NpgsqlConnection connection, string scope, CancellationToken token)
    {
        var found = await connection.ReadAsync(
            PostgresSql.Command("SELECT epoch, owner, acquired FROM ownership WHERE scope = $1", scope),
            row => new Ownership(
                new OwnershipToken(scope, row.GetInt64(0)), row.TextOrNull(1),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))),
            token).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : null;
    }

    public static string[] SplitTags(string? joined) =>
        joined is null ? [] : joined.Split(';', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>All rows of a statement.</summary>
    public static async Task<List<T>> ReadAsync<T>(
        this NpgsqlConnection connection, NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken token)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(token).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>The bytes of a text.</summary>
    public static ReadOnlyMemory<byte> Utf8(this NpgsqlDataReader reader, int column) =>
        reader.GetFieldValue<byte[]>(column);

    private static async Task<IReadOnlyList<StoredEvent>> ReadPageAsync(
        NpgsqlConnection connection, NpgsqlBatchCommand command, CancellationToken token)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
        var page = new List<StoredEvent>();
        var sizeBytes = 0L;
        while (sizeBytes < StoreLimits.MaxPageBytes && await reader.ReadAsync(token).ConfigureAwait(false))
        {
            page.Add(ReadEvent(reader));
            sizeBytes += page[^1].Payload.Length;
        }
        return page;
    }

    private static StoredEvent ReadEvent(NpgsqlDataReader row) => new()
    {
        Ordering = row.GetInt64(0),
        PersistenceId = row.GetString(1),
        SequenceNr = row.GetInt64(2),
        CreatedUnixMs = row.GetInt64(3),
        Manifest = row.GetString(4),
        Tags = SplitTags(row.TextOrNull(5)),
        Payload = row.Utf8(6),
        WriterEpoch = row.GetInt64(7),
    };
}
