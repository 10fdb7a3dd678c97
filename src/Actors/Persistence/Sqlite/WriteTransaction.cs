using GpuActors.Actors.Persistence.Store;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// The statements of one group-commit transaction, prepared once and used by the writer's thread only. The write lock
/// is held from <see cref="Begin"/> on, so what is read here (owners, highest sequence numbers) stays true until the
/// commit, whatever other processes do.
/// </summary>
internal sealed partial class WriteTransaction : IDisposable
{
    private readonly sqlite3 _database;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Epoch, string? Owner)> _owners = new(StringComparer.Ordinal);
    private readonly HighestSequenceNrs _highest = new();
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _readDataVersion;
    private readonly SqliteStatement _readOwner;
    private readonly SqliteStatement _readHighest;
    private long _nowUnixMs;

    public WriteTransaction(SqliteConnection connection)
    {
        _connection = connection;
        _database = connection.Handle!;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _readDataVersion = Prepare("PRAGMA data_version");
        _readOwner = Prepare("SELECT epoch, owner FROM ownership WHERE scope = ?1");
        _readHighest = Prepare(SqliteQueries.HighestSequenceNr);
        _insertEvent = Prepare(InsertEventSql);
        _insertTag = Prepare("INSERT INTO tags (tag, ordering_id) VALUES (?1, ?2)");
        _upsertEntity = Prepare(UpsertEntitySql);
        _insertBlob = Prepare(
            "INSERT OR IGNORE INTO blob (owner, hash, size, data, created) VALUES (?1, ?2, ?3, ?4, ?5)");
        _upsertSnapshot = Prepare(UpsertSnapshotSql);
        _deleteSnapshots = Prepare(DeleteSnapshotsSql);
        _readOldest = Prepare(ReadOldestSql);
        _deleteTag = Prepare("DELETE FROM tags WHERE tag = ?1 AND ordering_id = ?2");
        _deleteEvents = Prepare("DELETE FROM journal WHERE persistence_id = ?1 AND sequence_nr <= ?2");
        _rememberDeleted = Prepare(RememberDeletedSql);
    }

    /// <summary>Takes the write lock.</summary>
    /// <param name="nowUnixMs">Time of everything written in this transaction.</param>
    public void Begin(long nowUnixMs)
    {
        _nowUnixMs = nowUnixMs;
        _owners.Clear(); // another process may have acquired a scope since the last transaction
        _begin.Run();
        _readDataVersion.Step();
        _highest.Begin(_readDataVersion.Int64(0));
        _readDataVersion.Reset();
    }

    public void Commit() => _commit.Run();

    /// <summary>Undoes everything, if SQLite hasn't by itself.</summary>
    public void Rollback()
    {
        _highest.RollBack();
        if (raw.sqlite3_get_autocommit(_database) == 0)
            _rollback.Run();
    }

    /// <summary>Why <paramref name="token"/> doesn't allow writing; null if it does.</summary>
    public FencedException? CheckOwnership(OwnershipToken token)
    {
        if (!_owners.TryGetValue(token.Scope, out var current))
            _owners[token.Scope] = current = ReadOwner(token.Scope);
        return current.Epoch == token.Epoch && current.Owner is not null
            ? null
            : new FencedException(token, current.Epoch, current.Owner);
    }

    public long ReadHighestSequenceNr(string persistenceId)
    {
        if (_highest.TryGet(persistenceId, out var highest))
            return highest;
        _readHighest.Bind(1, persistenceId);
        _readHighest.Step();
        highest = _readHighest.Int64(0);
        _readHighest.Reset();
        _highest.Set(persistenceId, highest);
        return highest;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
    }

    /// <summary>The statement of a constant SQL text (the number of different texts must be bounded).</summary>
    private SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
            _statements[sql] = statement = new SqliteStatement(_connection, sql);
        return statement;
    }

    private (long Epoch, string? Owner) ReadOwner(string scope)
    {
        _readOwner.Bind(1, scope);
        if (!_readOwner.Step())
            return (0, null);
        var owner = (_readOwner.Int64(0), _readOwner.TextOrNull(1));
        _readOwner.Reset();
        return owner;
    }
}
