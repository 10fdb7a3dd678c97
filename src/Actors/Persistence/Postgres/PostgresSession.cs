using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>A thread's own connection, opened when it is needed and again after it broke.</summary>
internal sealed class PostgresSession(NpgsqlDataSource source) : IDisposable
{
    private const int MaxTries = 4;

    private NpgsqlConnection? _connection;

    public NpgsqlConnection Connection => _connection ??= source.OpenConnection();

    /// <summary>Runs a transaction, again if the server says that it may succeed then.</summary>
    public T Transact<T>(Func<NpgsqlConnection, T> run)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Connection.Execute("BEGIN");
                var result = run(Connection);
                Connection.Execute("COMMIT");
                return result;
            }
            catch (Exception error)
            {
                Rollback();
                if (tries == MaxTries || !PostgresErrors.IsRetryable(error))
                    throw;
            }
        }
    }

    /// <summary>Makes the connection usable again, or drops it if it isn't any more.</summary>
    public void Rollback()
    {
        try
        {
            _connection?.Execute("ROLLBACK");
        }
        catch (Exception)
        {
            Dispose(); // whatever it had begun ends with it
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
