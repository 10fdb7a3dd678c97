namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.persistence</c>: the journal and snapshots of a cluster's schedulers.</summary>
public sealed record PersistenceSettings
{
    private const string Postgresql = "postgresql";

    /// <summary>The SQLite file, where that is the store.</summary>
    public required SqliteSettings Sqlite { get; init; }

    /// <summary>The PostgreSQL database; null when SQLite is the store.</summary>
    public PostgresSettings? Postgres { get; init; }

    /// <summary>Writes that one transaction holds.</summary>
    public required int MaxBatchRequests { get; init; }

    /// <summary>Bytes that one transaction holds.</summary>
    public required long MaxBatchBytes { get; init; }

    /// <summary>Writes that may wait.</summary>
    public required int MaxQueuedRequests { get; init; }

    /// <summary>Bytes of writes that may wait.</summary>
    public required long MaxQueuedBytes { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="config">The whole configuration.</param>
    /// <param name="dataFolder">Where the SQLite file is when none is named.</param>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static PersistenceSettings From(Config config, string dataFolder)
    {
        var section = new SettingsReader(config).Section("gpuactors.persistence");
        var isPostgres = section.Choice("store", "sqlite", Postgresql) == Postgresql;
        return new PersistenceSettings
        {
            Sqlite = SqliteSettings.From(section.Section("sqlite"), dataFolder),
            Postgres = isPostgres ? PostgresSettings.From(section.Section(Postgresql)) : null,
            MaxBatchRequests = section.Number("max-batch.requests", 1),
            MaxBatchBytes = section.Bytes("max-batch.bytes", 1),
            MaxQueuedRequests = section.Number("max-queued.requests", 1),
            MaxQueuedBytes = section.Bytes("max-queued.bytes", 1),
        };
    }
}

/// <summary><c>gpuactors.persistence.sqlite</c>.</summary>
public sealed record SqliteSettings
{
    /// <summary>The database file.</summary>
    public required string File { get; init; }

    /// <summary>How long to wait for another process that holds the write lock.</summary>
    public required TimeSpan BusyTimeout { get; init; }

    /// <summary>Size that the file may reach; null for no limit.</summary>
    public long? MaxSizeBytes { get; init; }

    /// <summary>Reads that run at once.</summary>
    public required int ReadConnections { get; init; }

    internal static SqliteSettings From(SettingsReader section, string dataFolder) => new()
    {
        File = section.Optional("file") ?? Path.Combine(dataFolder, "journal.db"),
        BusyTimeout = section.Time("busy-timeout", TimeSpan.Zero, Limits.Hour),
        MaxSizeBytes = section.Bytes("max-size", 0) is > 0 and var size ? size : null,
        ReadConnections = section.Number("read-connections", 1, 1024),
    };
}
