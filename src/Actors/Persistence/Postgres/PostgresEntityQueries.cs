using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>What is read of the entity index and of blobs.</summary>
internal static class PostgresEntityQueries
{
    private const string Select =
        "SELECT kind, id, tenant, status, is_open, created, updated, data FROM entity_index WHERE kind = $1";

    private const string NewestAfter = "AND (created, id) < ($2, $3) ORDER BY created DESC, id DESC LIMIT $4";

    public static async Task<EntityIndexEntry?> FindAsync(
        NpgsqlConnection connection, string kind, string id, CancellationToken token)
    {
        var found = await ListAsync(connection, PostgresSql.Command($"{Select} AND id = $2", kind, id), token)
            .ConfigureAwait(false);
        return found.Count > 0 ? found[0] : null;
    }

    // One statement for each combination of filters, so that each uses the index made for it.
    public static Task<IReadOnlyList<EntityIndexEntry>> ListAsync(
        NpgsqlConnection connection, EntityIndexQuery query, CancellationToken token)
    {
        object? created = query.After?.CreatedUnixMs ?? long.MaxValue;
        object? id = query.After?.Id ?? "";
        object?[] page = [query.Kind, created, id, query.Limit];
        return ListAsync(connection, (query.Tenant, query.Status) switch
        {
            (null, null) => PostgresSql.Command($"{Select} {NewestAfter}", page),
            (not null, null) => PostgresSql.Command($"{Select} AND tenant = $5 {NewestAfter}", [.. page, query.Tenant]),
            (null, not null) => PostgresSql.Command($"{Select} AND status = $5 {NewestAfter}", [.. page, query.Status]),
            _ => PostgresSql.Command(
                $"{Select} AND tenant = $5 AND status = $6 {NewestAfter}", [.. page, query.Tenant, query.Status]),
        }, token);
    }

    public static Task<IReadOnlyList<EntityIndexEntry>> ListOpenAsync(
        NpgsqlConnection connection, string kind, string? scope, string? afterId, int limit, CancellationToken token) =>
        ListAsync(connection, scope is null
            ? PostgresSql.Command($"{Select} AND is_open AND id > $2 ORDER BY id LIMIT $3", kind, afterId ?? "", limit)
            : PostgresSql.Command(
                $"{Select} AND is_open AND id > $2 AND scope = $4 ORDER BY id LIMIT $3",
                kind, afterId ?? "", limit, scope), token);

    public static async Task<ReadOnlyMemory<byte>?> ReadBlobAsync(
        NpgsqlConnection connection, string owner, BlobHash hash, CancellationToken token)
    {
        var found = await connection.ReadAsync(
            PostgresSql.Command(
                "SELECT data FROM blob WHERE owner = $1 AND hash = $2 AND upload IS NULL",
                owner, PostgresBlobs.BytesOf(hash)),
            row => row.Utf8(0), token).ConfigureAwait(false);
        return First(found);
    }

    public static async Task<StoredBlobInfo?> ReadBlobInfoAsync(
        NpgsqlConnection connection, string owner, BlobHash hash, CancellationToken token)
    {
        var found = await connection.ReadAsync(
            PostgresSql.Command(
                "SELECT size FROM blob WHERE owner = $1 AND hash = $2", owner, PostgresBlobs.BytesOf(hash)),
            row => new StoredBlobInfo(row.GetInt64(0)), token).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : null;
    }

    public static async Task<ReadOnlyMemory<byte>?> ReadBlobPartAsync(
        NpgsqlConnection connection, string owner, BlobHash hash, int index, CancellationToken token)
    {
        if (index == 0
            && await ReadBlobAsync(connection, owner, hash, token).ConfigureAwait(false) is { } whole)
            return whole;
        var found = await connection.ReadAsync(
            PostgresSql.Command(
                """
                SELECT p.data FROM blob AS b
                JOIN blob_part AS p ON p.owner = b.owner AND p.upload = b.upload AND p.part = $3
                WHERE b.owner = $1 AND b.hash = $2
                """,
                owner, PostgresBlobs.BytesOf(hash), index),
            row => row.Utf8(0), token).ConfigureAwait(false);
        return First(found);
    }

    // Not "null" beside bytes in one expression, which would become an empty array of them.
    private static ReadOnlyMemory<byte>? First(List<ReadOnlyMemory<byte>> found)
    {
        if (found.Count > 0)
            return found[0];
        return null;
    }

    private static async Task<IReadOnlyList<EntityIndexEntry>> ListAsync(
        NpgsqlConnection connection, NpgsqlBatchCommand command, CancellationToken token) =>
        await connection.ReadAsync(command, ReadEntry, token).ConfigureAwait(false);

    private static EntityIndexEntry ReadEntry(NpgsqlDataReader row) => new()
    {
        Kind = row.GetString(0),
        Id = row.GetString(1),
        Tenant = row.GetString(2),
        Status = row.GetString(3),
        IsOpen = row.GetBoolean(4),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
        Data = row.Utf8(7),
    };
}
