using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

// The cluster's lock is the write lock.
internal sealed partial class WriteTransaction : IClusterTables
{
    private long _change;

    long IClusterTables.NowUnixMs => _nowUnixMs;

    /// <summary>Begins a change with a number of its own: a view that was read before must not contain it.</summary>
    public IClusterTables BeginClusterChange()
    {
        _change = 0;
        return this;
    }

    public ClusterView ReadClusterView(long knownVersion) => SqliteClusterQueries.ReadView(
        Prepare, knownVersion, DateTimeOffset.FromUnixTimeMilliseconds(_nowUnixMs));

    /// <summary>Sets the end of a lease; false if there is no such member, or it is down.</summary>
    public bool Renew(string memberId, long leaseMs)
    {
        var statement = Prepare($"""
            UPDATE member SET lease_until = ?2 WHERE id = ?1 AND status < {(int)MemberStatus.Down}
            RETURNING id
            """);
        statement.Bind(1, memberId);
        statement.Bind(2, _nowUnixMs + leaseMs);
        return RunReturning(statement) is not null;
    }

    IReadOnlyList<MemberLease> IClusterTables.ReadMembers() => SqliteClusterQueries.ReadLeases(Prepare);

    IReadOnlyDictionary<string, ScopeOwner> IClusterTables.LockScopes(IReadOnlyList<string> scopes)
    {
        var found = new Dictionary<string, ScopeOwner>(StringComparer.Ordinal);
        foreach (var scope in scopes)
        {
            var (epoch, owner) = ReadOwner(scope);
            if (epoch > 0)
                found[scope] = new ScopeOwner(epoch, owner);
        }
        return found;
    }

    void IClusterTables.InsertMember(NewMember member, long leaseUntilUnixMs)
    {
        var statement = Prepare("""
            INSERT INTO member
                (id, number, address, http_address, roles, app_version, status, joined, lease_until, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        statement.Bind(1, member.Id);
        statement.Bind(2, RunReturning(Prepare(
            "UPDATE cluster_state SET member_number = member_number + 1 RETURNING member_number"))!.Value);
        statement.Bind(3, member.Address);
        statement.BindOrNull(4, member.HttpAddress);
        statement.Bind(5, SqliteQueries.JoinTags(member.Roles));
        statement.Bind(6, member.AppVersion);
        statement.Bind(7, (int)MemberStatus.Joining);
        statement.Bind(8, _nowUnixMs);
        statement.Bind(9, leaseUntilUnixMs);
        statement.Bind(10, Change());
        statement.Run();
    }

    void IClusterTables.SetLease(string memberId, long leaseUntilUnixMs) =>
        Run("UPDATE member SET lease_until = ?2 WHERE id = ?1", memberId, leaseUntilUnixMs);

    void IClusterTables.SetStatus(string memberId, MemberStatus status)
    {
        var statement = Prepare("UPDATE member SET status = ?2, changed = ?3 WHERE id = ?1");
        statement.Bind(1, memberId);
        statement.Bind(2, (int)status);
        statement.Bind(3, Change());
        statement.Run();
    }

    bool IClusterTables.SetDownIfExpired(string memberId)
    {
        // Whoever renews needs the write lock too, so it can't have renewed since its row was read.
        ((IClusterTables)this).SetStatus(memberId, MemberStatus.Down);
        return true;
    }

    void IClusterTables.FreeScopesOf(string memberId)
    {
        Run("UPDATE ownership SET owner = NULL, changed = ?2 WHERE owner = ?1", memberId, Change());
        _owners.Clear();
    }

    void IClusterTables.DeleteMember(string memberId)
    {
        Change();
        var statement = Prepare("DELETE FROM member WHERE id = ?1");
        statement.Bind(1, memberId);
        statement.Run();
    }

    void IClusterTables.SetOwner(string scope, string? ownerId, long epoch)
    {
        var statement = Prepare("""
            INSERT INTO ownership (scope, owner, epoch, acquired, changed) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (scope) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,
                acquired = excluded.acquired, changed = excluded.changed
            """);
        statement.Bind(1, scope);
        statement.BindOrNull(2, ownerId);
        statement.Bind(3, epoch);
        statement.Bind(4, _nowUnixMs);
        statement.Bind(5, Change());
        statement.Run();
        _owners[scope] = (epoch, ownerId);
    }

    private long Change() => _change = _change > 0
        ? _change
        : RunReturning(Prepare("UPDATE cluster_state SET version = version + 1 RETURNING version"))!.Value;

    private void Run(string sql, string first, long second)
    {
        var statement = Prepare(sql);
        statement.Bind(1, first);
        statement.Bind(2, second);
        statement.Run();
    }

    // The first column of the only row, a number or 0 for a text; null without a row.
    private static long? RunReturning(SqliteStatement statement)
    {
        if (!statement.Step())
            return null;
        var value = statement.Int64(0);
        statement.Step(); // to its end: only then the change is made
        return value;
    }
}
