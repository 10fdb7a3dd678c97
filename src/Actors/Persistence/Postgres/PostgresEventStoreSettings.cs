using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>How a <see cref="PostgresEventStore"/> works.</summary>
public sealed record PostgresEventStoreSettings
{
    /// <summary>Host, database, user and so on, as Npgsql reads them:
    /// <c>Host=db;Database=gpuactors;Username=scheduler;Password=...</c>. The tables lie in the user's first schema.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>How long to wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one statement may take, waiting for locks included, before it fails.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how long the server ends a transaction whose node has fallen silent (because it is paused or cut off):
    /// its locks hold up others for so long at most.
    /// </summary>
    public TimeSpan IdleTransactionTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests that one transaction holds at most.</summary>
    public int MaxBatchRequests { get; init; } = 4_096;

    /// <summary>Bytes that one transaction holds at most (a larger request has one for itself).</summary>
    public long MaxBatchBytes { get; init; } = 8 << 20;

    /// <summary>Requests that may wait; more are refused.</summary>
    public int MaxQueuedRequests { get; init; } = 131_072;

    /// <summary>Bytes of requests that may wait; more are refused.</summary>
    public long MaxQueuedBytes { get; init; } = 256 << 20;

    /// <summary>Connections for reading, which is how many reads run at once.</summary>
    public int ReadConnections { get; init; } = 8;

    /// <summary>Reads that may wait for a connection; more are refused.</summary>
    public int MaxQueuedReads { get; init; } = 131_072;

    /// <summary>Whether to hear of changes by LISTEN/NOTIFY. Without it nodes learn of them when they renew.</summary>
    public bool UseNotifications { get; init; } = true;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ConnectionString);
        try
        {
            _ = new NpgsqlConnectionStringBuilder(ConnectionString);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"The connection string is wrong: {error.Message}"); // what it wraps has values
        }

        CheckAtLeastOne(MaxBatchRequests, nameof(MaxBatchRequests));
        CheckAtLeastOne(MaxBatchBytes, nameof(MaxBatchBytes));
        CheckAtLeastOne(MaxQueuedRequests, nameof(MaxQueuedRequests));
        CheckAtLeastOne(MaxQueuedBytes, nameof(MaxQueuedBytes));
        CheckAtLeastOne(ReadConnections, nameof(ReadConnections));
        CheckAtLeastOne(MaxQueuedReads, nameof(MaxQueuedReads));
        CheckTime(ConnectTimeout, nameof(ConnectTimeout));
        CheckTime(StatementTimeout, nameof(StatementTimeout));
        CheckTime(IdleTransactionTimeout, nameof(IdleTransactionTimeout));
    }

    private static void CheckAtLeastOne(long value, string name)
    {
        if (value < 1)
            throw new ArgumentException($"{name} must be at least 1; found {value}.");
    }

    private static void CheckTime(TimeSpan value, string name)
    {
        if (value < TimeSpan.FromMilliseconds(1) || value > TimeSpan.FromHours(1))
            throw new ArgumentException($"{name} must be between 1 ms and 1 hour; found {value}.");
    }
}
