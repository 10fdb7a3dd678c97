using GpuActors.Actors.Cluster.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>The tables of a cluster within a transaction that holds the row of <c>cluster_state</c>.</summary>
internal sealed class PostgresClusterTables : IClusterTables
{
    private readonly NpgsqlConnection _connection;
    private readonly long _versionBefore;
    private long _lastNumber;

    private PostgresClusterTables(NpgsqlConnection connection, long version, long lastNumber, long nowUnixMs) =>
        (_connection, _versionBefore, _lastNumber, NowUnixMs) = (connection, version, lastNumber, nowUnixMs);

    public long NowUnixMs { get; }

    /// <summary>Whether anything was changed that has a number.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>Takes the cluster's lock. The clock is read after the wait for it.</summary>
    public static PostgresClusterTables Lock(NpgsqlConnection connection)
    {
        var (version, lastNumber, now) = (0L, 0L, 0L);
        connection.Run(
            [
                PostgresSql.Command("SELECT version, member_number FROM cluster_state WHERE id = 1 FOR UPDATE"),
                PostgresSql.Command($"SELECT {PostgresSql.NowMs}"),
            ],
            reader => (version, lastNumber) = (reader.GetInt64(0), reader.GetInt64(1)),
            reader => now = reader.GetInt64(0));
        return new PostgresClusterTables(connection, version, lastNumber, now);
    }

    public IReadOnlyList<MemberLease> ReadMembers() => _connection.Query(
        "SELECT id, address, status, lease_until FROM member ORDER BY number",
        reader => new MemberLease(
            reader.GetString(0), reader.GetString(1), (MemberStatus)reader.GetInt32(2), reader.GetInt64(3)));

    // The rows of members that seem to be dead are locked too, in the one order in which everybody locks rows: they may
    // be freed afterwards.
    public IReadOnlyDictionary<string, ScopeOwner> LockScopes(IReadOnlyList<string> scopes) => _connection.Query(
            """
            SELECT scope, epoch, owner FROM ownership
            WHERE scope = ANY ($1) OR owner IN (SELECT id FROM member WHERE lease_until <= $2)
            ORDER BY scope FOR UPDATE
            """,
            reader => (Scope: reader.GetString(0), Owner: new ScopeOwner(reader.GetInt64(1), reader.TextOrNull(2))),
            scopes.Distinct(StringComparer.Ordinal).ToArray(), NowUnixMs)
        .ToDictionary(row => row.Scope, row => row.Owner, StringComparer.Ordinal);

    public void InsertMember(NewMember member, long leaseUntilUnixMs)
    {
        var version = Change();
        _lastNumber++;
        _connection.Execute("UPDATE cluster_state SET member_number = $1 WHERE id = 1", _lastNumber);
        _connection.Execute(
            """
            INSERT INTO member
                (id, number, address, http_address, roles, app_version, status, joined, lease_until, changed)
            VALUES ($1, $2, $3, $4::text, $5, $6, $7, $8, $9, $10)
            """,
            member.Id, _lastNumber, member.Address, member.HttpAddress, string.Join(';', member.Roles),
            member.AppVersion, (int)MemberStatus.Joining, NowUnixMs, leaseUntilUnixMs, version);
    }

    public void SetLease(string memberId, long leaseUntilUnixMs) =>
        _connection.Execute("UPDATE member SET lease_until = $2 WHERE id = $1", memberId, leaseUntilUnixMs);

    public void SetStatus(string memberId, MemberStatus status) => _connection.Execute(
        "UPDATE member SET status = $2, changed = $3 WHERE id = $1", memberId, (int)status, Change());

    // Renewing takes no lock but the member's row: if it was faster, nothing is taken.
    public bool SetDownIfExpired(string memberId) => _connection.Execute(
        $"UPDATE member SET status = {(int)MemberStatus.Down}, changed = $2 WHERE id = $1 AND lease_until <= $3",
        memberId, Change(), NowUnixMs) == 1;

    public void FreeScopesOf(string memberId) => _connection.Execute(
        "UPDATE ownership SET owner = NULL, changed = $2 WHERE owner = $1", memberId, Change());

    public void DeleteMember(string memberId)
    {
        Change();
        _connection.Execute("DELETE FROM member WHERE id = $1", memberId);
    }

    public void SetOwner(string scope, string? ownerId, long epoch) => _connection.Execute(
        """
        INSERT INTO ownership (scope, owner, epoch, acquired, changed) VALUES ($1, $2::text, $3, $4, $5)
        ON CONFLICT (scope) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,
            acquired = excluded.acquired, changed = excluded.changed
        """,
        scope, ownerId, epoch, NowUnixMs, Change());

    private long Change()
    {
        if (!HasChanged)
            _connection.Execute("UPDATE cluster_state SET version = $1 WHERE id = 1", _versionBefore + 1);
        HasChanged = true;
        return _versionBefore + 1;
    }
}
