using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>What is read of the entity index.</summary>
internal static class SqliteEntityQueries
{
    private const string Select =
        "SELECT kind, id, tenant, status, is_open, created, updated, data FROM entity_index WHERE kind = ?1";

    // One statement for each combination of filters, so that each uses the index made for it.
    private const string NewestAfter = "AND (created, id) < (?2, ?3) ORDER BY created DESC, id DESC LIMIT ?4";
    private const string OfAll = $"{Select} {NewestAfter}";
    private const string OfTenant = $"{Select} AND tenant = ?5 {NewestAfter}";
    private const string OfStatus = $"{Select} AND status = ?5 {NewestAfter}";
    private const string OfTenantAndStatus = $"{Select} AND tenant = ?5 AND status = ?6 {NewestAfter}";

    public static EntityIndexEntry? Find(ReadConnection connection, string kind, string id)
    {
        var statement = connection.Prepared($"{Select} AND id = ?2");
        statement.Bind(1, kind);
        statement.Bind(2, id);
        if (!statement.Step())
            return null;
        var entry = ReadEntry(statement);
        statement.Reset();
        return entry;
    }

    public static IReadOnlyList<EntityIndexEntry> List(ReadConnection connection, EntityIndexQuery query)
    {
        var statement = connection.Prepared((query.Tenant, query.Status) switch
        {
            (null, null) => OfAll,
            (not null, null) => OfTenant,
            (null, not null) => OfStatus,
            _ => OfTenantAndStatus,
        });
        statement.Bind(1, query.Kind);
        statement.Bind(2, query.After?.CreatedUnixMs ?? long.MaxValue);
        statement.Bind(3, query.After?.Id ?? "");
        statement.Bind(4, query.Limit);
        if ((query.Tenant ?? query.Status) is { } first)
            statement.Bind(5, first);
        if (query is { Tenant: not null, Status: not null })
            statement.Bind(6, query.Status);
        return ReadEntries(statement);
    }

    public static IReadOnlyList<EntityIndexEntry> ListOpen(
        ReadConnection connection, string kind, string? scope, string? afterId, int limit)
    {
        var ofScope = scope is null ? "" : "AND scope = ?4";
        var statement = connection.Prepared($"{Select} AND is_open = 1 AND id > ?2 {ofScope} ORDER BY id LIMIT ?3");
        statement.Bind(1, kind);
        statement.Bind(2, afterId ?? "");
        statement.Bind(3, limit);
        if (scope is not null)
            statement.Bind(4, scope);
        return ReadEntries(statement);
    }

    private static List<EntityIndexEntry> ReadEntries(SqliteStatement statement)
    {
        var entries = new List<EntityIndexEntry>();
        while (statement.Step())
            entries.Add(ReadEntry(statement));
        return entries;
    }

    private static EntityIndexEntry ReadEntry(SqliteStatement statement) => new()
    {
        Kind = statement.Text(0),
        Id = statement.Text(1),
        Tenant = statement.Text(2),
        Status = statement.Text(3),
        IsOpen = statement.Int64(4) != 0,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(statement.Int64(5)),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(statement.Int64(6)),
        Data = statement.Bytes(7).ToArray(),
    };
}
