using GpuActors.Actors.Persistence.Store;
using Microsoft.Data.Sqlite;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>The tables and how they came about: one step for each version, never changed once released.</summary>
internal static class SqliteSchema
{
    private static readonly string[] Steps = [Version1, Version2];

    // Columns of journal, snapshot, tags and journal_metadata are named as Akka.Persistence.Sql's users know them.
    // Payloads are JSON text. AUTOINCREMENT keeps an ordering from being given twice after the newest event is deleted.
    internal const string Version1 = """
        CREATE TABLE ownership (
            scope TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, epoch INTEGER NOT NULL, acquired INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE journal (
            ordering INTEGER PRIMARY KEY AUTOINCREMENT, persistence_id TEXT NOT NULL, sequence_nr INTEGER NOT NULL,
            created INTEGER NOT NULL, manifest TEXT NOT NULL, tags TEXT, payload TEXT NOT NULL,
            writer_epoch INTEGER NOT NULL, UNIQUE (persistence_id, sequence_nr)
        );
        CREATE TABLE journal_metadata (
            persistence_id TEXT NOT NULL PRIMARY KEY, sequence_nr INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE tags (
            tag TEXT NOT NULL, ordering_id INTEGER NOT NULL, PRIMARY KEY (tag, ordering_id)
        ) WITHOUT ROWID;

        CREATE TABLE snapshot (
            persistence_id TEXT NOT NULL, sequence_nr INTEGER NOT NULL, created INTEGER NOT NULL,
            manifest TEXT NOT NULL, payload TEXT NOT NULL, writer_epoch INTEGER NOT NULL,
            PRIMARY KEY (persistence_id, sequence_nr)
        );

        CREATE TABLE entity_index (
            kind TEXT NOT NULL, id TEXT NOT NULL, tenant TEXT NOT NULL, status TEXT NOT NULL,
            is_open INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, data TEXT NOT NULL,
            PRIMARY KEY (kind, id)
        );
        CREATE INDEX entity_index_newest ON entity_index (kind, created, id);
        CREATE INDEX entity_index_tenant ON entity_index (kind, tenant, created, id);
        CREATE INDEX entity_index_status ON entity_index (kind, status, created, id);
        CREATE INDEX entity_index_tenant_status ON entity_index (kind, tenant, status, created, id);
        CREATE INDEX entity_index_open ON entity_index (kind, id) WHERE is_open = 1;

        CREATE TABLE blob (
            owner TEXT NOT NULL, hash BLOB NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL,
            created INTEGER NOT NULL, PRIMARY KEY (owner, hash)
        );
        """;

    // Scopes may be free, and belong to members; index rows know the scope that they were written under (rows of
    // version 1 get theirs with their next write); blobs may lie in parts.
    private const string Version2 = """
        CREATE TABLE cluster_state (
            id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, member_number INTEGER NOT NULL
        );
        INSERT INTO cluster_state (id, version, member_number) VALUES (1, 1, 0);

        CREATE TABLE member (
            id TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL, address TEXT NOT NULL, http_address TEXT,
            roles TEXT NOT NULL, app_version TEXT NOT NULL, status INTEGER NOT NULL, joined INTEGER NOT NULL,
            lease_until INTEGER NOT NULL, changed INTEGER NOT NULL
        ) WITHOUT ROWID;

        ALTER TABLE ownership RENAME TO ownership_1;
        CREATE TABLE ownership (
            scope TEXT NOT NULL PRIMARY KEY, owner TEXT, epoch INTEGER NOT NULL, acquired INTEGER NOT NULL,
            changed INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO ownership SELECT scope, owner, epoch, acquired, 1 FROM ownership_1;
        DROP TABLE ownership_1;
        CREATE INDEX ownership_changed ON ownership (changed);
        CREATE INDEX ownership_owner ON ownership (owner);

        ALTER TABLE entity_index ADD COLUMN scope TEXT NOT NULL DEFAULT '';
        CREATE INDEX entity_index_open_scope ON entity_index (kind, scope, id) WHERE is_open = 1;

        ALTER TABLE blob ADD COLUMN upload TEXT;
        CREATE INDEX blob_in_parts ON blob (owner, upload) WHERE upload IS NOT NULL;
        CREATE TABLE blob_upload (
            owner TEXT NOT NULL, upload TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (owner, upload)
        ) WITHOUT ROWID;
        CREATE INDEX blob_upload_created ON blob_upload (created);
        CREATE TABLE blob_part (
            owner TEXT NOT NULL, upload TEXT NOT NULL, part INTEGER NOT NULL, size INTEGER NOT NULL,
            data BLOB NOT NULL, PRIMARY KEY (owner, upload, part)
        );
        """;

    /// <summary>
    /// Brings the database to the newest version. The write lock is held throughout, so of several processes that
    /// start at once one does it and the others find it done.
    /// </summary>
    /// <exception cref="EventStoreSchemaException">The file belongs to a newer version, or to something else.</exception>
    public static void Migrate(SqliteConnection connection, string path, long nowUnixMs)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = ReadVersion(connection, path);
        if (version > Steps.Length)
            throw new EventStoreSchemaException(
                $"'{path}' has schema version {version}, but this program knows versions up to {Steps.Length} only. "
                + "Start the version of the program that wrote it, or a newer one.");
        for (var next = version + 1; next <= Steps.Length; next++)
        {
            Execute(connection, Steps[next - 1]);
            Execute(connection, $"INSERT INTO schema_version (version, applied) VALUES ({next}, {nowUnixMs})");
        }
        transaction.Commit();
    }

    private static long ReadVersion(SqliteConnection connection, string path)
    {
        var isOurs = Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'") > 0;
        if (isOurs)
            return Scalar(connection, "SELECT coalesce(max(version), 0) FROM schema_version");
        if (Scalar(connection, "SELECT count(*) FROM sqlite_master") > 0)
            throw new EventStoreSchemaException(
                $"'{path}' is a database of something else: it has tables, but none named schema_version. "
                + "Give the path of an event store, or of a file that doesn't exist yet.");
        Execute(connection, "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL)");
        return 0;
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
