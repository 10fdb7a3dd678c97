using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Statements with positional parameters, synchronous because they run on threads of their own.</summary>
internal static class PostgresSql
{
    /// <summary>The server's clock in milliseconds since 1970: the one clock of a cluster.</summary>
    public const string NowMs = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }

    /// <summary>Runs statements in one round trip and reads the rows of all that give some, one after the other.
    /// </summary>
    public static void Run(
        this NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, params Action<NpgsqlDataReader>[] rows)
    {
        using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        using var reader = batch.ExecuteReader();
        var next = 0;
        do
        {
            if (reader.FieldCount == 0)
                continue;
            while (reader.Read())
                rows[next](reader);
            next++;
        }
        while (reader.NextResult());
    }

    public static int Execute(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var batch = new NpgsqlBatch(connection) { BatchCommands = { Command(sql, values) } };
        return batch.ExecuteNonQuery();
    }

    public static List<T> Query<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var batch = new NpgsqlBatch(connection) { BatchCommands = { Command(sql, values) } };
        using var reader = batch.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public static string? TextOrNull(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
