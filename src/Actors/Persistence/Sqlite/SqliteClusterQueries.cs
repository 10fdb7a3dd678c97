using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>Reading of the cluster, by whoever has prepared statements within one transaction.</summary>
internal static class SqliteClusterQueries
{
    private const string Members = """
        SELECT id, address, http_address, roles, app_version, status, number, joined, lease_until FROM member
        ORDER BY number
        """;

    public static long ReadVersion(Func<string, SqliteStatement> prepare)
    {
        var statement = prepare("SELECT version FROM cluster_state");
        statement.Step();
        var version = statement.Int64(0);
        statement.Reset();
        return version;
    }

    public static ClusterView ReadView(Func<string, SqliteStatement> prepare, long knownVersion, DateTimeOffset now) =>
        new(ReadVersion(prepare), ReadMembers(prepare, now), ReadScopes(prepare, knownVersion));

    public static List<MemberLease> ReadLeases(Func<string, SqliteStatement> prepare)
    {
        var statement = prepare("SELECT id, address, status, lease_until FROM member ORDER BY number");
        var leases = new List<MemberLease>();
        while (statement.Step())
            leases.Add(new MemberLease(
                statement.Text(0), statement.Text(1), (MemberStatus)statement.Int64(2), statement.Int64(3)));
        return leases;
    }

    private static List<MemberRow> ReadMembers(Func<string, SqliteStatement> prepare, DateTimeOffset now)
    {
        var statement = prepare(Members);
        var members = new List<MemberRow>();
        while (statement.Step())
        {
            var member = new NewMember(
                statement.Text(0), statement.Text(1), statement.TextOrNull(2),
                SqliteQueries.SplitTags(statement.Text(3)), statement.Text(4));
            var leaseUntil = DateTimeOffset.FromUnixTimeMilliseconds(statement.Int64(8));
            members.Add(new MemberRow(
                member, (MemberStatus)statement.Int64(5), statement.Int64(6),
                DateTimeOffset.FromUnixTimeMilliseconds(statement.Int64(7)), leaseUntil - now));
        }
        return members;
    }

    private static List<ScopeRow> ReadScopes(Func<string, SqliteStatement> prepare, long knownVersion)
    {
        var statement = prepare("SELECT scope, epoch, owner FROM ownership WHERE changed > ?1 ORDER BY changed, scope");
        statement.Bind(1, knownVersion);
        var scopes = new List<ScopeRow>();
        while (statement.Step())
            scopes.Add(new ScopeRow(
                new OwnershipToken(statement.Text(0), statement.Int64(1)), statement.TextOrNull(2)));
        return scopes;
    }
}
