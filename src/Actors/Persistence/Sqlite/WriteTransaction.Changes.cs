using GpuActors.Actors.Persistence.Store;
using SQLitePCL;

namespace GpuActors.Actors.Persistence.Sqlite;

internal sealed partial class WriteTransaction
{
    private const string InsertEventSql = """
        INSERT INTO journal (persistence_id, sequence_nr, created, manifest, tags, payload, writer_epoch)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """;

    private const string UpsertEntitySql = """
        INSERT INTO entity_index (kind, id, tenant, status, is_open, created, updated, data, scope)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (kind, id) DO UPDATE SET tenant = excluded.tenant, status = excluded.status,
            is_open = excluded.is_open, updated = excluded.updated, data = excluded.data,
            scope = excluded.scope
        """;

    private const string UpsertSnapshotSql = """
        INSERT INTO snapshot (persistence_id, sequence_nr, created, manifest, payload, writer_epoch)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (persistence_id, sequence_nr) DO UPDATE SET created = excluded.created,
            manifest = excluded.manifest, payload = excluded.payload, writer_epoch = excluded.writer_epoch
        """;

    private const string DeleteSnapshotsSql = """
        DELETE FROM snapshot WHERE persistence_id = ?1 AND sequence_nr BETWEEN ?2 AND ?3 AND created BETWEEN ?4 AND ?5
        """;

    private const string ReadOldestSql = """
        SELECT sequence_nr, ordering, tags FROM journal WHERE persistence_id = ?1 AND sequence_nr <= ?2
        ORDER BY sequence_nr LIMIT ?3
        """;

    private const string RememberDeletedSql = """
        INSERT INTO journal_metadata (persistence_id, sequence_nr) VALUES (?1, ?2)
        ON CONFLICT (persistence_id) DO UPDATE SET sequence_nr = max(sequence_nr, excluded.sequence_nr)
        """;

    private readonly SqliteStatement _insertEvent;
    private readonly SqliteStatement _insertTag;
    private readonly SqliteStatement _upsertEntity;
    private readonly SqliteStatement _insertBlob;
    private readonly SqliteStatement _upsertSnapshot;
    private readonly SqliteStatement _deleteSnapshots;
    private readonly SqliteStatement _readOldest;
    private readonly SqliteStatement _deleteTag;
    private readonly SqliteStatement _deleteEvents;
    private readonly SqliteStatement _rememberDeleted;

    /// <summary>Inserts the events of a write and returns the ordering of the last.</summary>
    public long InsertEvents(AtomicWrite write)
    {
        var ordering = 0L;
        var sequenceNr = write.FirstSequenceNr;
        _insertEvent.Bind(1, write.PersistenceId!);
        _insertEvent.Bind(3, _nowUnixMs);
        _insertEvent.Bind(7, write.Ownership.Epoch);
        foreach (var newEvent in write.Events)
        {
            ordering = InsertEvent(newEvent, sequenceNr++);
            foreach (var tag in newEvent.Tags)
                InsertTag(tag, ordering);
        }
        _highest.Set(write.PersistenceId!, sequenceNr - 1);
        return ordering;
    }

    public void UpsertEntity(EntityIndexEntry entry, string scope)
    {
        _upsertEntity.Bind(1, entry.Kind);
        _upsertEntity.Bind(2, entry.Id);
        _upsertEntity.Bind(3, entry.Tenant);
        _upsertEntity.Bind(4, entry.Status);
        _upsertEntity.Bind(5, entry.IsOpen ? 1 : 0);
        _upsertEntity.Bind(6, entry.CreatedAt.ToUnixTimeMilliseconds());
        _upsertEntity.Bind(7, entry.UpdatedAt.ToUnixTimeMilliseconds());
        _upsertEntity.BindText(8, entry.Data.Span);
        _upsertEntity.Bind(9, scope);
        _upsertEntity.Run();
    }

    public void InsertBlobs(IReadOnlyList<Blob> blobs)
    {
        Span<byte> hash = stackalloc byte[BlobHash.SizeBytes];
        foreach (var blob in blobs)
        {
            blob.Hash.CopyTo(hash);
            _insertBlob.Bind(1, blob.Owner);
            _insertBlob.BindBlob(2, hash);
            _insertBlob.Bind(3, blob.Content.Length);
            _insertBlob.BindBlob(4, blob.Content.Span);
            _insertBlob.Bind(5, _nowUnixMs);
            _insertBlob.Run();
        }
    }

    public void UpsertSnapshot(NewSnapshot snapshot, long writerEpoch)
    {
        _upsertSnapshot.Bind(1, snapshot.PersistenceId);
        _upsertSnapshot.Bind(2, snapshot.SequenceNr);
        _upsertSnapshot.Bind(3, _nowUnixMs);
        _upsertSnapshot.Bind(4, snapshot.Manifest);
        _upsertSnapshot.BindText(5, snapshot.Payload.Span);
        _upsertSnapshot.Bind(6, writerEpoch);
        _upsertSnapshot.Run();
    }

    public void DeleteSnapshots(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        _deleteSnapshots.Bind(1, persistenceId);
        SqliteQueries.BindCriteria(_deleteSnapshots, 2, criteria);
        _deleteSnapshots.Run();
    }

    /// <summary>Deletes the oldest <paramref name="maxEvents"/> events up to a number; returns how many there were.
    /// </summary>
    public int DeleteEvents(string persistenceId, long toSequenceNr, int maxEvents)
    {
        var (count, last) = DeleteTagsOfOldest(persistenceId, toSequenceNr, maxEvents);
        if (count == 0)
            return 0;
        _deleteEvents.Bind(1, persistenceId);
        _deleteEvents.Bind(2, last);
        _deleteEvents.Run();
        _rememberDeleted.Bind(1, persistenceId);
        _rememberDeleted.Bind(2, last);
        _rememberDeleted.Run();
        return count;
    }

    private long InsertEvent(NewEvent newEvent, long sequenceNr)
    {
        _insertEvent.Bind(2, sequenceNr);
        _insertEvent.Bind(4, newEvent.Manifest);
        if (newEvent.Tags.Count == 0)
            _insertEvent.BindNull(5);
        else
            _insertEvent.Bind(5, SqliteQueries.JoinTags(newEvent.Tags));
        _insertEvent.BindText(6, newEvent.Payload.Span);
        _insertEvent.Run();
        return raw.sqlite3_last_insert_rowid(_database); // RETURNING would cost a temporary table for each event
    }

    private void InsertTag(string tag, long ordering)
    {
        _insertTag.Bind(1, tag);
        _insertTag.Bind(2, ordering);
        _insertTag.Run();
    }

    private (int Count, long LastSequenceNr) DeleteTagsOfOldest(string persistenceId, long toSequenceNr, int maxEvents)
    {
        var count = 0;
        var last = 0L;
        _readOldest.Bind(1, persistenceId);
        _readOldest.Bind(2, toSequenceNr);
        _readOldest.Bind(3, maxEvents);
        while (_readOldest.Step())
        {
            count++;
            last = _readOldest.Int64(0);
            if (_readOldest.IsNull(2))
                continue;
            foreach (var tag in SqliteQueries.SplitTags(_readOldest.Text(2)))
            {
                _deleteTag.Bind(1, tag);
                _deleteTag.Bind(2, _readOldest.Int64(1));
                _deleteTag.Run();
            }
        }
        return (count, last);
    }
}
