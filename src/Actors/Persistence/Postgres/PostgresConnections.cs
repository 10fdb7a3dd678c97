using System.Globalization;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Sources of connections with the settings that durability and fencing stand on.</summary>
internal static class PostgresConnections
{
    public static NpgsqlDataSource Create(PostgresEventStoreSettings settings, int maxConnections, string purpose)
    {
        var text = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            ApplicationName = $"gpuactors {purpose}",
            MaxPoolSize = maxConnections,
            MinPoolSize = 0,
            Timeout = Seconds(settings.ConnectTimeout),
            CommandTimeout = Seconds(settings.StatementTimeout) + 1, // the server gives up first, and says why
            CancellationTimeout = 1_000,
            MaxAutoPrepare = 0, // Npgsql 10.0.0 loses count of its statements when a batch fails half-way
            IncludeErrorDetail = false,
            PersistSecurityInfo = false,
            Enlist = false,
        };
        text.Options = string.Create(CultureInfo.InvariantCulture, $"{text.Options} -c synchronous_commit=on "
            + $"-c statement_timeout={Milliseconds(settings.StatementTimeout)} "
            + $"-c idle_in_transaction_session_timeout={Milliseconds(settings.IdleTransactionTimeout)}").Trim();
        return NpgsqlDataSource.Create(text);
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private static int Milliseconds(TimeSpan time) => Math.Max(1, (int)time.TotalMilliseconds);
}
