using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary>All that a scheduler runs by.</summary>
public sealed record SchedulerSettings
{
    /// <summary>Into so many cells a pool can be split.</summary>
    public const int MaxCells = 64;

    /// <summary>Where journal and blobs are kept.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Name of this scheduler.</summary>
    public required string Name { get; init; }

    /// <summary>The pool that its hosts belong to.</summary>
    public required string Pool { get; init; }

    /// <summary>Name of the placement policy.</summary>
    public required string PlacementPolicy { get; init; }

    /// <summary>Into how many cells the pool is split.</summary>
    public required int Cells { get; init; }

    /// <summary>vGPUs that one session may hold.</summary>
    public required int MaxVgpusPerSession { get; init; }

    /// <summary>What devices can be cut into, by model; <c>gpuactors.models</c> and those that come with the program.
    /// </summary>
    public required GpuModels Models { get; init; }

    /// <summary>Sessions that may wait for a slice.</summary>
    public required int MaxWaiting { get; init; }

    /// <summary>Who is served first, and what is kept for whom.</summary>
    public required QueueTreeSettings Queues { get; init; }

    /// <summary>How sessions are run.</summary>
    public required SchedulerSessionSettings Session { get; init; }

    /// <summary>How long a worker may run sessions without word from the scheduler.</summary>
    public required TimeSpan HostLease { get; init; }

    /// <summary>How long after that its slices are given away.</summary>
    public required TimeSpan HostLeaseMargin { get; init; }

    /// <summary>The largest blob.</summary>
    public required long MaxBlobBytes { get; init; }

    /// <summary>How the node takes part in its cluster.</summary>
    public required ClusterMemberSettings Cluster { get; init; }

    /// <summary><c>gpuactors.metrics</c>.</summary>
    public required MetricsSettings Metrics { get; init; }

    /// <summary><c>gpuactors.actors</c>.</summary>
    public required ActorSettings Actors { get; init; }

    /// <summary><c>gpuactors.remoting</c>.</summary>
    public required RemotingSettings Remoting { get; init; }

    /// <summary><c>gpuactors.persistence</c>.</summary>
    public required PersistenceSettings Persistence { get; init; }

    /// <summary><c>gpuactors.security</c>.</summary>
    public required SecuritySettings Security { get; init; }

    /// <summary><c>gpuactors.api</c>.</summary>
    public required HttpApiSettings Api { get; init; }

    /// <summary>Reads <c>gpuactors.scheduler</c> and what goes with it.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static SchedulerSettings From(Config config)
    {
        var section = new SettingsReader(config).Section("gpuactors.scheduler");
        string folder = section.Required("data-dir");
        string pool = section.Required("pool");
        return new SchedulerSettings
        {
            DataFolder = folder,
            Name = section.Name("name"),
            Pool = Names.IsName(pool) ? pool : throw section.Wrong("pool", "a name of 1 to 64 letters, digits, . _ and -"),
            PlacementPolicy = section.Choice("placement.policy", "default", "best-fit", "spread", "packing", "dot-prod", "random"),
            Cells = section.Number("placement.cells", 1, MaxCells),
            MaxVgpusPerSession = section.Number("max-vgpus-per-session", 1, 8),
            Models = GpuModels.From(config),
            MaxWaiting = section.Number("queue.max-waiting", 1),
            Queues = QueueTreeSettings.From(section.Section("queues")),
            Session = SchedulerSessionSettings.From(section.Section("session")),
            HostLease = section.Time("host-lease", TimeSpan.FromMilliseconds(100), Limits.Hour),
            HostLeaseMargin = section.Time("host-lease-margin", TimeSpan.Zero, Limits.Hour),
            MaxBlobBytes = section.Bytes("blob.max-size", 1),
            Cluster = ClusterMemberSettings.From(section.Section("cluster")),
            Metrics = MetricsSettings.From(config),
            Actors = ActorSettings.From(config),
            Remoting = RemotingSettings.From(config),
            Persistence = PersistenceSettings.From(config, folder),
            Security = SecuritySettings.From(config),
            Api = HttpApiSettings.From(config),
        };
    }
}

/// <summary><c>gpuactors.scheduler.session</c>.</summary>
public sealed record SchedulerSessionSettings
{
    /// <summary>How often a session is placed anew because its host was lost, beside its document's retries.</summary>
    public required int MaxHostLosses { get; init; }

    /// <summary>How long an attempt may run when its document says nothing.</summary>
    public required TimeSpan DefaultTimeLimit { get; init; }

    /// <summary>How long an attempt may run at most.</summary>
    public required TimeSpan MaxTimeLimit { get; init; }

    /// <summary>How often an unanswered message to a worker is sent again.</summary>
    public required TimeSpan ResendInterval { get; init; }

    /// <summary>How often a waiting session announces itself to its queue again.</summary>
    public required TimeSpan AnnounceInterval { get; init; }

    /// <summary>How long an ended session stays in memory after it was last asked.</summary>
    public required TimeSpan KeepEnded { get; init; }

    /// <summary>Events that are kept for those who subscribe late.</summary>
    public required int EventBuffer { get; init; }

    /// <summary>Callers that wait for, or watch, one session at a time.</summary>
    public required int MaxWatchers { get; init; }

    internal static SchedulerSessionSettings From(SettingsReader section)
    {
        var settings = new SchedulerSessionSettings
        {
            MaxHostLosses = section.Number("max-host-losses", 0, 1000),
            DefaultTimeLimit = section.Time("default-time-limit", Limits.Instant, JobLimits.TimeLimit),
            MaxTimeLimit = section.Time("max-time-limit", Limits.Instant, JobLimits.TimeLimit),
            ResendInterval = section.Time("resend-interval", Limits.Instant, Limits.Hour),
            AnnounceInterval = section.Time("announce-interval", Limits.Instant, Limits.Hour),
            KeepEnded = section.Time("keep-ended", TimeSpan.Zero, TimeSpan.FromDays(1)),
            EventBuffer = section.Number("event-buffer", 1, 1_000_000),
            MaxWatchers = section.Number("max-watchers", 1, 1_000_000),
        };
        return settings.DefaultTimeLimit <= settings.MaxTimeLimit
            ? settings
            : throw section.Wrong(
                "default-time-limit", $"at most max-time-limit, which is {SettingsReader.Span(settings.MaxTimeLimit)},");
    }
}
