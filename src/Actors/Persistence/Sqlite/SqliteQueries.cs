using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>What is read, as functions of a connection: they run on whatever thread has it.</summary>
internal static class SqliteQueries
{
    public const string HighestSequenceNr = """
        SELECT coalesce(
            (SELECT sequence_nr FROM journal WHERE persistence_id = ?1 ORDER BY sequence_nr DESC LIMIT 1),
            (SELECT sequence_nr FROM journal_metadata WHERE persistence_id = ?1),
            0)
        """;

    private const string EventColumns =
        "ordering, persistence_id, sequence_nr, created, manifest, tags, payload, writer_epoch";

    private const string Events = $"""
        SELECT {EventColumns} FROM journal WHERE persistence_id = ?1 AND sequence_nr BETWEEN ?2 AND ?3
        ORDER BY sequence_nr LIMIT ?4
        """;

    private const string EventsByTag = $"""
        SELECT {EventColumns} FROM tags JOIN journal ON ordering = ordering_id WHERE tag = ?1 AND ordering_id > ?2
        ORDER BY ordering_id LIMIT ?3
        """;

    private const string AllEvents =
        $"SELECT {EventColumns} FROM journal WHERE ordering > ?1 ORDER BY ordering LIMIT ?2";

    private const string NewestEvents = $"""
        SELECT * FROM (SELECT {EventColumns} FROM journal ORDER BY ordering DESC LIMIT ?1) ORDER BY ordering
        """;

    private const string LatestSnapshot = """
        SELECT sequence_nr, created, manifest, payload, writer_epoch FROM snapshot
        WHERE persistence_id = ?1 AND sequence_nr BETWEEN ?2 AND ?3 AND created BETWEEN ?4 AND ?5
        ORDER BY sequence_nr DESC LIMIT 1
        """;

    public static Ownership? ReadOwnership(ReadConnection connection, string scope)
    {
        var statement = connection.Prepared("SELECT epoch, owner, acquired FROM ownership WHERE scope = ?1");
        statement.Bind(1, scope);
        if (!statement.Step())
            return null;
        var acquiredAt = DateTimeOffset.FromUnixTimeMilliseconds(statement.Int64(2));
        var ownership = new Ownership(new OwnershipToken(scope, statement.Int64(0)), statement.TextOrNull(1), acquiredAt);
        statement.Reset();
        return ownership;
    }

    // Jumps from id to id along the index instead of reading every event.
    private const string PersistenceIds = """
        WITH RECURSIVE ids (id) AS (
            SELECT min(persistence_id) FROM journal
                WHERE persistence_id >= ?1 AND persistence_id > ?2 AND persistence_id < ?3
            UNION ALL
            SELECT (SELECT min(persistence_id) FROM journal WHERE persistence_id > ids.id AND persistence_id < ?3)
                FROM ids WHERE ids.id IS NOT NULL
        )
        SELECT id FROM ids WHERE id IS NOT NULL LIMIT ?4
        """;

    public static IReadOnlyList<string> ListPersistenceIds(
        ReadConnection connection, string prefix, string? afterId, int limit)
    {
        var statement = connection.Prepared(PersistenceIds);
        statement.Bind(1, prefix);
        statement.Bind(2, afterId ?? "");
        statement.Bind(3, StoreLimits.BehindPrefix(prefix));
        statement.Bind(4, limit);
        var ids = new List<string>();
        while (statement.Step())
            ids.Add(statement.Text(0));
        return ids;
    }

    public static IReadOnlyList<StoredEvent> ReadEvents(
        ReadConnection connection, string persistenceId, long fromSequenceNr, long toSequenceNr, int limit)
    {
        var statement = connection.Prepared(Events);
        statement.Bind(1, persistenceId);
        statement.Bind(2, fromSequenceNr);
        statement.Bind(3, toSequenceNr);
        statement.Bind(4, limit);
        return ReadPage(statement);
    }

    public static IReadOnlyList<StoredEvent> ReadEventsByTag(
        ReadConnection connection, string? tag, long afterOrdering, int limit)
    {
        if (tag is null)
            return ReadAllEvents(connection, afterOrdering, limit);
        var statement = connection.Prepared(EventsByTag);
        statement.Bind(1, tag);
        statement.Bind(2, afterOrdering);
        statement.Bind(3, limit);
        return ReadPage(statement);
    }

    public static IReadOnlyList<StoredEvent> ReadNewestEvents(ReadConnection connection, int limit)
    {
        var statement = connection.Prepared(NewestEvents);
        statement.Bind(1, limit);
        return ReadPage(statement);
    }

    private static IReadOnlyList<StoredEvent> ReadAllEvents(ReadConnection connection, long afterOrdering, int limit)
    {
        var statement = connection.Prepared(AllEvents);
        statement.Bind(1, afterOrdering);
        statement.Bind(2, limit);
        return ReadPage(statement);
    }

    public static long ReadHighestSequenceNr(ReadConnection connection, string persistenceId)
    {
        var statement = connection.Prepared(HighestSequenceNr);
        statement.Bind(1, persistenceId);
        statement.Step();
        var highest = statement.Int64(0);
        statement.Reset();
        return highest;
    }

    public static StoredSnapshot? ReadLatestSnapshot(
        ReadConnection connection, string persistenceId, SnapshotSelectionCriteria criteria)
    {
        var statement = connection.Prepared(LatestSnapshot);
        statement.Bind(1, persistenceId);
        BindCriteria(statement, 2, criteria);
        if (!statement.Step())
            return null;
        var snapshot = new StoredSnapshot(
            persistenceId, statement.Int64(0), statement.Int64(1), statement.Text(2), statement.Bytes(3).ToArray(),
            statement.Int64(4));
        statement.Reset();
        return snapshot;
    }

    public static RecoveryStart ReadRecovery(
        ReadConnection connection,
        string persistenceId,
        SnapshotSelectionCriteria fromSnapshot,
        long toSequenceNr,
        int limit)
    {
        var snapshot = ReadLatestSnapshot(connection, persistenceId, fromSnapshot);
        var page = ReadEvents(connection, persistenceId, (snapshot?.SequenceNr ?? 0) + 1, toSequenceNr, limit);
        return new RecoveryStart(snapshot, page, ReadHighestSequenceNr(connection, persistenceId));
    }

    /// <summary>Binds minimum and maximum of sequence number and time at four places from <paramref name="index"/>.
    /// </summary>
    public static void BindCriteria(SqliteStatement statement, int index, SnapshotSelectionCriteria criteria)
    {
        statement.Bind(index, criteria.MinSequenceNr);
        statement.Bind(index + 1, criteria.MaxSequenceNr);
        statement.Bind(index + 2, criteria.MinTimestamp?.ToUnixTimeMilliseconds() ?? long.MinValue);
        statement.Bind(index + 3, criteria.MaxTimeStamp.ToUnixTimeMilliseconds());
    }

    /// <summary><c>;a;b;</c></summary>
    public static string JoinTags(IReadOnlyList<string> tags) => $";{string.Join(';', tags)};";

    public static string[] SplitTags(string joined) => joined.Split(';', StringSplitOptions.RemoveEmptyEntries);

    private static List<StoredEvent> ReadPage(SqliteStatement statement)
    {
        var page = new List<StoredEvent>();
        var sizeBytes = 0L;
        var previous = default(StoredEvent);
        while (statement.Step())
        {
            page.Add(previous = ReadEvent(statement, previous));
            sizeBytes += previous.Payload.Length;
            if (sizeBytes >= StoreLimits.MaxPageBytes)
            {
                statement.Reset();
                break;
            }
        }
        return page;
    }

    // Most pages hold the events of one actor and few types: names equal to the previous row's are shared.
    private static StoredEvent ReadEvent(SqliteStatement statement, StoredEvent? previous) => new()
    {
        Ordering = statement.Int64(0),
        PersistenceId = statement.Text(1, previous?.PersistenceId),
        SequenceNr = statement.Int64(2),
        CreatedUnixMs = statement.Int64(3),
        Manifest = statement.Text(4, previous?.Manifest),
        Tags = statement.IsNull(5) ? [] : SplitTags(statement.Text(5)),
        Payload = statement.Bytes(6).ToArray(),
        WriterEpoch = statement.Int64(7),
    };
}
