using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Changing and reading the cluster.</summary>
internal static class PostgresCluster
{
    public const string Channel = "gpuactors_cluster";

    private const string Renew = $"""
        UPDATE member SET lease_until = {PostgresSql.NowMs} + $2 WHERE id = $1 AND status < 3 RETURNING id
        """;

    private const string Members = """
        SELECT id, address, http_address, roles, app_version, status, number, joined, lease_until FROM member
        ORDER BY number
        """;

    private const string Scopes =
        "SELECT scope, epoch, owner FROM ownership WHERE changed > $1 ORDER BY changed, scope";

    /// <summary>Changes the cluster under its lock, within the open transaction.</summary>
    public static T Change<T>(NpgsqlConnection connection, bool notifies, Func<IClusterTables, T> change)
    {
        var tables = PostgresClusterTables.Lock(connection);
        var result = change(tables);
        if (tables.HasChanged && notifies)
            connection.Execute($"NOTIFY {Channel}");
        return result;
    }

    /// <summary>
    /// Renews the lease of <paramref name="memberId"/> (of nobody if it is null) and reads the cluster, all of one
    /// moment, in one round trip. Null if there is no such member, or it is down.
    /// </summary>
    public static async Task<ClusterView?> RenewAsync(
        NpgsqlConnection connection, string? memberId, long leaseMs, long knownVersion, CancellationToken token)
    {
        const int maxTries = 4;
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await TryRenewAsync(connection, memberId, leaseMs, knownVersion, token).ConfigureAwait(false);
            }
            catch (PostgresException error) when (tries < maxTries && PostgresErrors.IsRetryable(error))
            {
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("ROLLBACK") } };
                await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        }
    }

    private static async Task<ClusterView?> TryRenewAsync(
        NpgsqlConnection connection, string? memberId, long leaseMs, long knownVersion, CancellationToken token)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                PostgresSql.Command("BEGIN ISOLATION LEVEL REPEATABLE READ"),
                PostgresSql.Command(Renew, memberId ?? "", leaseMs),
                PostgresSql.Command($"SELECT version, {PostgresSql.NowMs} FROM cluster_state WHERE id = 1"),
                PostgresSql.Command(Members),
                PostgresSql.Command(Scopes, knownVersion),
                PostgresSql.Command("COMMIT"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
        var isRenewed = (await RowsAsync(reader, static _ => true, token).ConfigureAwait(false)).Count > 0;
        var (version, now) = (await RowsAsync(
            reader, row => (row.GetInt64(0), row.GetInt64(1)), token).ConfigureAwait(false))[0];
        var members = await RowsAsync(reader, row => ReadMember(row, now), token).ConfigureAwait(false);
        var scopes = await RowsAsync(reader, ReadScope, token).ConfigureAwait(false);
        return isRenewed || memberId is null ? new ClusterView(version, members, scopes) : null;
    }

    private static async Task<List<T>> RowsAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken token)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(token).ConfigureAwait(false))
            rows.Add(read(reader));
        await reader.NextResultAsync(token).ConfigureAwait(false);
        return rows;
    }

    private static MemberRow ReadMember(NpgsqlDataReader row, long nowUnixMs) => new(
        new NewMember(
            row.GetString(0), row.GetString(1), row.TextOrNull(2), PostgresQueries.SplitTags(row.GetString(3)),
            row.GetString(4)),
        (MemberStatus)row.GetInt32(5), row.GetInt64(6), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
        TimeSpan.FromMilliseconds(row.GetInt64(8) - nowUnixMs));

    private static ScopeRow ReadScope(NpgsqlDataReader row) =>
        new(new OwnershipToken(row.GetString(0), row.GetInt64(1)), row.TextOrNull(2));
}
