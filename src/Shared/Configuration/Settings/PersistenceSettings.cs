namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.persistence</c>: a scheduler's journal and snapshots.</summary>
public sealed record PersistenceSettings
{
    /// <summary>The SQLite file.</summary>
    public required string SqliteFile { get; init; }

    /// <summary>How long to wait for another process that holds the write lock.</summary>
    public required TimeSpan BusyTimeout { get; init; }

    /// <summary>Size that the file may reach; null for no limit.</summary>
    public long? MaxSizeBytes { get; init; }

    /// <summary>Writes that one transaction holds.</summary>
    public required int MaxBatchRequests { get; init; }

    /// <summary>Bytes that one transaction holds.</summary>
    public required long MaxBatchBytes { get; init; }

    /// <summary>Writes that may wait.</summary>
    public required int MaxQueuedRequests { get; init; }

    /// <summary>Bytes of writes that may wait.</summary>
    public required long MaxQueuedBytes { get; init; }

    /// <summary>Reads that run at once.</summary>
    public required int ReadConnections { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="config">The whole configuration.</param>
    /// <param name="dataFolder">Where the file is when none is named.</param>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static PersistenceSettings From(Config config, string dataFolder)
    {
        var section = new SettingsReader(config).Section("gpuactors.persistence");
        return new PersistenceSettings
        {
            SqliteFile = section.Optional("sqlite.file") ?? Path.Combine(dataFolder, "journal.db"),
            BusyTimeout = section.Time("sqlite.busy-timeout", TimeSpan.Zero, Limits.Hour),
            MaxSizeBytes = section.Bytes("sqlite.max-size", 0) is > 0 and var size ? size : null,
            MaxBatchRequests = section.Number("max-batch.requests", 1),
            MaxBatchBytes = section.Bytes("max-batch.bytes", 1),
            MaxQueuedRequests = section.Number("max-queued.requests", 1),
            MaxQueuedBytes = section.Bytes("max-queued.bytes", 1),
            ReadConnections = section.Number("read-connections", 1, 1024),
        };
    }
}
