namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>How a <see cref="SqliteEventStore"/> works.</summary>
public sealed record SqliteEventStoreSettings
{
    /// <summary>The database file; created, with its folder, if it isn't there.</summary>
    public required string Path { get; init; }

    /// <summary>How long to wait for another process that holds the write lock before a batch fails.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests that one transaction holds at most.</summary>
    public int MaxBatchRequests { get; init; } = 4_096;

    /// <summary>Bytes that one transaction holds at most (a larger request has one for itself).</summary>
    public long MaxBatchBytes { get; init; } = 8 << 20;

    /// <summary>Requests that may wait; more are refused.</summary>
    public int MaxQueuedRequests { get; init; } = 131_072;

    /// <summary>Bytes of requests that may wait; more are refused.</summary>
    public long MaxQueuedBytes { get; init; } = 256 << 20;

    /// <summary>Connections for reading, which is how many reads run at once.</summary>
    public int ReadConnections { get; init; } = 4;

    /// <summary>Reads that may wait for a connection; more are refused.</summary>
    public int MaxQueuedReads { get; init; } = 131_072;

    /// <summary>Pages of 4 KiB that the write-ahead log may gather before they are copied into the database.</summary>
    public int CheckpointPages { get; init; } = 4_000;

    /// <summary>How often a change of the cluster is looked for while somebody wants to know.</summary>
    public TimeSpan ChangePollInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Size that the database file may reach, in bytes; then writes fail until something is deleted. Null for no limit
    /// but the disk's.
    /// </summary>
    public long? MaxSizeBytes { get; init; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Path);
        CheckAtLeastOne(MaxBatchRequests, nameof(MaxBatchRequests));
        CheckAtLeastOne(MaxBatchBytes, nameof(MaxBatchBytes));
        CheckAtLeastOne(MaxQueuedRequests, nameof(MaxQueuedRequests));
        CheckAtLeastOne(MaxQueuedBytes, nameof(MaxQueuedBytes));
        CheckAtLeastOne(ReadConnections, nameof(ReadConnections));
        CheckAtLeastOne(MaxQueuedReads, nameof(MaxQueuedReads));
        CheckAtLeastOne(CheckpointPages, nameof(CheckpointPages));
        CheckAtLeastOne(MaxSizeBytes ?? 1, nameof(MaxSizeBytes));
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > TimeSpan.FromHours(1))
            throw new ArgumentException($"{nameof(BusyTimeout)} must be between 0 and 1 hour; found {BusyTimeout}.");
        if (ChangePollInterval <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(ChangePollInterval)} must be longer than 0; found {ChangePollInterval}.");
    }

    private static void CheckAtLeastOne(long value, string name)
    {
        if (value < 1)
            throw new ArgumentException($"{name} must be at least 1; found {value}.");
    }
}
