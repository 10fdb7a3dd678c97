namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.persistence.postgresql</c>.</summary>
public sealed record PostgresSettings
{
    /// <summary>Where the database is, and as whom to log in.</summary>
    public required PostgresLogin Login { get; init; }

    /// <summary>How long to wait for a connection.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long a statement may take, waiting for locks included.</summary>
    public required TimeSpan StatementTimeout { get; init; }

    /// <summary>After this the server ends the transaction of a node that has fallen silent.</summary>
    public required TimeSpan IdleTransactionTimeout { get; init; }

    /// <summary>Reads that run at once.</summary>
    public required int ReadConnections { get; init; }

    /// <summary>Whether changes are heard of by LISTEN/NOTIFY.</summary>
    public required bool UseNotifications { get; init; }

    internal static PostgresSettings From(SettingsReader section) => new()
    {
        Login = PostgresLogin.From(section),
        ConnectTimeout = section.Time("connect-timeout", Limits.Instant, Limits.Hour),
        StatementTimeout = section.Time("statement-timeout", Limits.Instant, Limits.Hour),
        IdleTransactionTimeout = section.Time("idle-transaction-timeout", Limits.Instant, Limits.Hour),
        ReadConnections = section.Number("read-connections", 1, 1024),
        UseNotifications = section.Flag("notifications"),
    };
}
