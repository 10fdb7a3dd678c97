using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>Opens connections with the settings that durability and concurrency stand on.</summary>
internal static class SqliteConnections
{
    /// <summary>A connection that waits <paramref name="busyTimeout"/> for locks and never checkpoints by itself.</summary>
    public static SqliteConnection Open(string path, TimeSpan busyTimeout, long cacheKiB)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)Math.Ceiling(busyTimeout.TotalSeconds)),
        }.ToString());
        try
        {
            connection.Open();
            _ = raw.sqlite3_busy_timeout(connection.Handle!, (int)busyTimeout.TotalMilliseconds);
            Execute(connection, $"PRAGMA cache_size = -{cacheKiB}");
            Execute(connection, "PRAGMA wal_autocheckpoint = 0");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes commits of this connection survive a crash of the machine: each ends with a flush of the log.
    /// </summary>
    public static void MakeDurable(SqliteConnection connection)
    {
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA synchronous = FULL");
    }

    /// <summary>Limits the size of the database file.</summary>
    public static void LimitSize(SqliteConnection connection, long maxSizeBytes)
    {
        const int pageBytes = 4096;
        Execute(connection, $"PRAGMA max_page_count = {Math.Max(1, maxSizeBytes / pageBytes)}");
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
