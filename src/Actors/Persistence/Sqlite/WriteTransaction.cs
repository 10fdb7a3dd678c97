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
    private readonly List<SqliteStatement> _statements = [];
    private readonly Dictionary<string, (long Epoch, string? Owner)> _owners = new(StringComparer.Ordinal);
    private readonly HighestSequenceNrs _highest = new();
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _readDataVersion;
    private readonly SqliteStatement _readOwner;
    private readonly SqliteStatement _advanceEpoch;
    private readonly SqliteStatement _readHighest;
    private long _nowUnixMs;

    public WriteTransaction(SqliteConnection connection)
    {
        SqliteStatement Prepare(string sql)
        {
            var statement = new SqliteStatement(connection, sql);
            _statements.Add(statement);
            return statement;
        }

        _database = connection.Handle!;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _readDataVersion = Prepare("PRAGMA data_version");
        _readOwner = Prepare("SELECT epoch, owner FROM ownership WHERE scope = ?1");
        _advanceEpoch = Prepare(AdvanceEpochSql);
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

    private const string AdvanceEpochSql = """
        INSERT INTO ownership (scope, owner, epoch, acquired) VALUES (?1, ?2, 1, ?3)
        ON CONFLICT (scope) DO UPDATE SET owner = excluded.owner, epoch = epoch + 1, acquired = excluded.acquired
        RETURNING epoch
        """;

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
        return current.Epoch == token.Epoch ? null : new FencedException(token, current.Epoch, current.Owner);
    }

    /// <summary>Gives the scope to a new owner and returns the new epoch.</summary>
    public long AdvanceEpoch(string scope, string owner)
    {
        _advanceEpoch.Bind(1, scope);
        _advanceEpoch.Bind(2, owner);
        _advanceEpoch.Bind(3, _nowUnixMs);
        _advanceEpoch.Step();
        var epoch = _advanceEpoch.Int64(0);
        _advanceEpoch.Step(); // to its end: only then the change is made
        _owners[scope] = (epoch, owner);
        return epoch;
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
        foreach (var statement in _statements)
            statement.Dispose();
    }

    private (long Epoch, string? Owner) ReadOwner(string scope)
    {
        _readOwner.Bind(1, scope);
        if (!_readOwner.Step())
            return (0, null);
        var owner = (_readOwner.Int64(0), _readOwner.Text(1));
        _readOwner.Reset();
        return owner;
    }
}
