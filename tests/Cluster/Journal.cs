using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GpuActors.Cluster.Tests;

/// <summary>Reads the schedulers' journal beside the running schedulers.</summary>
internal sealed class Journal(LocalCluster.LocalCluster cluster)
{
    private const int Up = 1;

    /// <summary>How many events with <paramref name="manifest"/> each session of <paramref name="tenant"/> has.</summary>
    public Dictionary<string, long> CountBySession(string manifest, string tenant = "demo") =>
        Query<(string Id, long Count)>(
            "SELECT persistence_id, COUNT(*) FROM journal WHERE manifest = @manifest AND persistence_id LIKE @sessions "
            + "GROUP BY persistence_id",
            new { manifest, sessions = $"session-{tenant}/%" }).ToDictionary(row => row.Id, row => row.Count);

    /// <summary>The events of one session with <paramref name="manifest"/>, in order.</summary>
    public IReadOnlyList<JsonElement> EventsOf(string job, string manifest, string tenant = "demo") =>
    [
        .. Query<string>(
            "SELECT payload FROM journal WHERE persistence_id = @id AND manifest = @manifest ORDER BY sequence_nr",
            new { id = $"session-{tenant}/{job}", manifest }).Select(Parse),
    ];

    /// <summary>Ids of the members that are up and have a lease, by the port where others connect to them.</summary>
    public Dictionary<int, string> MembersUp() => Query<(string Id, string Address)>(
            $"SELECT id, address FROM member WHERE status = {Up} AND lease_until > {Now}")
        .ToDictionary(row => PortOf(row.Address), row => row.Id);

    /// <summary>Where others connect to the members that are up, the oldest first.</summary>
    public IReadOnlyList<int> PortsByAge() =>
        [.. Query<string>($"SELECT address FROM member WHERE status = {Up} ORDER BY number").Select(PortOf)];

    /// <summary>How many shards and singletons a member owns.</summary>
    public long ScopesOf(string member) =>
        Query<long>("SELECT COUNT(*) FROM ownership WHERE owner = @member", new { member }).Single();

    /// <summary>What a member wrote after another had taken its place: there must be nothing.</summary>
    public IReadOnlyList<string> WritesOfFormerOwners() => Query<string>(
        """
        SELECT persistence_id FROM (
            SELECT persistence_id,
                writer_epoch - LAG(writer_epoch) OVER (PARTITION BY persistence_id ORDER BY sequence_nr) AS step
            FROM journal) AS steps
        WHERE step < 0
        """);

    /// <summary>What the cell has given away twice, as sentences: there must be nothing.</summary>
    public IReadOnlyList<string> CapacityGivenTwice()
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var (manifest, payload) in Query<(string, string)>(
            "SELECT manifest, payload FROM journal WHERE manifest LIKE 'cell.re%' ORDER BY persistence_id, sequence_nr"))
        {
            var change = Parse(payload);
            var owner = $"{change.GetProperty("session")} in epoch {change.GetProperty("epoch")}";
            if (manifest == "cell.released.v1")
            {
                foreach (var slice in owners.Where(o => o.Value == owner).Select(o => o.Key).ToArray())
                {
                    owners.Remove(slice);
                }

                continue;
            }

            wrong.AddRange(change.GetProperty("slices").EnumerateArray()
                .Select(slice => slice.GetProperty("name").GetString()!)
                .Where(name => !owners.TryAdd(name, owner))
                .Select(name => $"{name} belongs to {owners[name]} and was given to {owner}"));
        }

        return wrong;
    }

    private string Now => cluster.Database is null
        ? "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        : "EXTRACT(EPOCH FROM clock_timestamp()) * 1000";

    private static int PortOf(string address) =>
        int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement.Clone();

    private List<T> Query<T>(string sql, object? parameters = null)
    {
        using DbConnection connection = cluster.Database is null
            ? new SqliteConnection($"Data Source={cluster.JournalFile};Mode=ReadOnly")
            : new NpgsqlConnection(cluster.JournalConnectionString);
        return connection.Query<T>(sql, parameters).AsList();
    }
}
