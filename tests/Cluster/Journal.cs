using Dapper;
using Microsoft.Data.Sqlite;

namespace GpuActors.Cluster.Tests;

/// <summary>Reads a scheduler's journal file beside the running scheduler.</summary>
internal static class Journal
{
    /// <summary>How many events with <paramref name="manifest"/> each session has.</summary>
    public static Dictionary<string, long> CountBySession(string file, string manifest)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly");
        return connection.Query<(string Id, long Count)>(
            "SELECT persistence_id, COUNT(*) FROM journal WHERE manifest = @manifest GROUP BY persistence_id",
            new { manifest }).ToDictionary(row => row.Id, row => row.Count);
    }
}
