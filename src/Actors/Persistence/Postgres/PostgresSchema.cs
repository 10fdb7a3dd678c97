using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>The tables and how they came about: one step for each version, never changed once released.</summary>
internal static class PostgresSchema
{
    private const int OldestServer = 13;
    private const int MaxTries = 20;

    private static readonly string[] Steps = [Version1];

    // As in SQLite. Texts compare by their bytes (COLLATE "C"), as everywhere else.
    private const string Version1 = """
        CREATE TABLE cluster_state (id integer PRIMARY KEY, version bigint NOT NULL, member_number bigint NOT NULL);
        INSERT INTO cluster_state (id, version, member_number) VALUES (1, 1, 0);
        CREATE TABLE member (
            id text COLLATE "C" PRIMARY KEY, number bigint NOT NULL, address text NOT NULL, http_address text,
            roles text NOT NULL, app_version text NOT NULL, status integer NOT NULL, joined bigint NOT NULL,
            lease_until bigint NOT NULL, changed bigint NOT NULL
        );
        CREATE TABLE ownership (
            scope text COLLATE "C" PRIMARY KEY, owner text, epoch bigint NOT NULL, acquired bigint NOT NULL,
            changed bigint NOT NULL
        );
        CREATE INDEX ownership_changed ON ownership (changed);
        CREATE INDEX ownership_owner ON ownership (owner);

        CREATE TABLE journal_order (id integer PRIMARY KEY, turns bigint NOT NULL);
        INSERT INTO journal_order (id, turns) VALUES (1, 0);
        CREATE SEQUENCE journal_ordering;
        CREATE TABLE journal (
            ordering bigint PRIMARY KEY DEFAULT nextval('journal_ordering'),
            persistence_id text COLLATE "C" NOT NULL, sequence_nr bigint NOT NULL, created bigint NOT NULL,
            manifest text NOT NULL, tags text, payload text NOT NULL, writer_epoch bigint NOT NULL,
            UNIQUE (persistence_id, sequence_nr)
        );
        CREATE TABLE journal_metadata (persistence_id text COLLATE "C" PRIMARY KEY, sequence_nr bigint NOT NULL);
        CREATE TABLE tags (
            tag text COLLATE "C" NOT NULL, ordering_id bigint NOT NULL, PRIMARY KEY (tag, ordering_id)
        );
        CREATE TABLE snapshot (
            persistence_id text COLLATE "C" NOT NULL, sequence_nr bigint NOT NULL, created bigint NOT NULL,
            manifest text NOT NULL, payload text NOT NULL, writer_epoch bigint NOT NULL,
            PRIMARY KEY (persistence_id, sequence_nr)
        );

        CREATE TABLE entity_index (
            kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, tenant text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL, is_open boolean NOT NULL, created bigint NOT NULL,
            updated bigint NOT NULL, data text NOT NULL, scope text COLLATE "C" NOT NULL, PRIMARY KEY (kind, id)
        );
        CREATE INDEX entity_index_newest ON entity_index (kind, created, id);
        CREATE INDEX entity_index_tenant ON entity_index (kind, tenant, created, id);
        CREATE INDEX entity_index_status ON entity_index (kind, status, created, id);
        CREATE INDEX entity_index_tenant_status ON entity_index (kind, tenant, status, created, id);
        CREATE INDEX entity_index_open ON entity_index (kind, id) WHERE is_open;
        CREATE INDEX entity_index_open_scope ON entity_index (kind, scope, id) WHERE is_open;

        CREATE TABLE blob (
            owner text COLLATE "C" NOT NULL, hash bytea NOT NULL, size bigint NOT NULL, data bytea NOT NULL,
            created bigint NOT NULL, upload text, PRIMARY KEY (owner, hash)
        );
        CREATE INDEX blob_in_parts ON blob (owner, upload) WHERE upload IS NOT NULL;
        CREATE TABLE blob_upload (
            owner text COLLATE "C" NOT NULL, upload text NOT NULL, created bigint NOT NULL, PRIMARY KEY (owner, upload)
        );
        CREATE INDEX blob_upload_created ON blob_upload (created);
        CREATE TABLE blob_part (
            owner text COLLATE "C" NOT NULL, upload text NOT NULL, part integer NOT NULL, size integer NOT NULL,
            data bytea NOT NULL, PRIMARY KEY (owner, upload, part)
        );
        """;

    /// <summary>
    /// Brings the database to the newest version. The row of version 0 is locked throughout, so of several nodes that
    /// start at once one does it and the others find it done.
    /// </summary>
    /// <exception cref="EventStoreSchemaException">The server is too old, or the tables are a newer version's.</exception>
    public static void Migrate(PostgresSession session)
    {
        var server = session.Connection.PostgreSqlVersion;
        if (server.Major < OldestServer)
            throw new EventStoreSchemaException(
                $"The server is PostgreSQL {server}; {OldestServer} or later is needed.");
        EnsureLock(session);
        session.Transact(connection =>
        {
            connection.Execute("SELECT version FROM gpuactors_schema WHERE version = 0 FOR UPDATE");
            var version = connection.Query(
                "SELECT max(version) FROM gpuactors_schema", reader => reader.GetInt32(0))[0];
            if (version > Steps.Length)
                throw new EventStoreSchemaException(
                    $"The database '{connection.Database}' has schema version {version}, but this program knows "
                    + $"versions up to {Steps.Length} only. Start the version that wrote it, or a newer one.");
            for (var next = version + 1; next <= Steps.Length; next++)
                Apply(connection, next);
            return true;
        });
    }

    private static void Apply(NpgsqlConnection connection, int version)
    {
        using var step = connection.CreateCommand();
        step.CommandText = Steps[version - 1];
        step.ExecuteNonQuery();
        connection.Execute(
            $"INSERT INTO gpuactors_schema (version, applied) VALUES ($1, {PostgresSql.NowMs})", version);
    }

    // Two nodes that create a table at once may both be told that it exists, or only one of them.
    private static void EnsureLock(PostgresSession session)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                session.Transact(connection => connection.Execute(
                    "CREATE TABLE IF NOT EXISTS gpuactors_schema (version integer PRIMARY KEY, applied bigint NOT NULL)"));
                session.Transact(connection => connection.Execute(
                    "INSERT INTO gpuactors_schema (version, applied) VALUES (0, 0) ON CONFLICT DO NOTHING"));
                return;
            }
            catch (PostgresException error) when (tries < MaxTries && error.SqlState is
                PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable)
            {
                // another node was faster: go on with what it has made
            }
        }
    }
}
