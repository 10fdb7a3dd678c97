using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary>All that a worker runs by.</summary>
public sealed record WorkerSettings
{
    /// <summary>The largest blob that the scheduler writes in the transaction of an attempt's end.</summary>
    private const long LargestInlineLimit = 256 * Limits.Kibibyte;

    /// <summary>Name of the host, unique in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Where the host's identity and its cache of blobs are kept.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Remoting addresses of schedulers, <c>host:port</c>; at least one.</summary>
    public required IReadOnlyList<string> Schedulers { get; init; }

    /// <summary>How often the lease is renewed.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>How much earlier than the lease the worker stops its sessions.</summary>
    public required TimeSpan LeaseMargin { get; init; }

    /// <summary>How often the unacknowledged end of an attempt is reported again.</summary>
    public required TimeSpan ResendInterval { get; init; }

    /// <summary>How long a worker that shuts down waits for acknowledgements.</summary>
    public required TimeSpan LeaveTimeout { get; init; }

    /// <summary>Sessions that run on this host at once; never more than <see cref="ExecutorSettings.Max"/>.</summary>
    public required int Slots { get; init; }

    /// <summary>Outputs up to this size travel with the message that an attempt has ended.</summary>
    public required int InlineLimitBytes { get; init; }

    /// <summary>What devices can be cut into, by model; <c>gpuactors.models</c> and those that come with the program.
    /// </summary>
    public required GpuModels Models { get; init; }

    /// <summary>What is told of the host beside its devices.</summary>
    public required WorkerHostSettings Host { get; init; }

    /// <summary>Which devices are offered, and as what.</summary>
    public required DeviceSettings Devices { get; init; }

    /// <summary>The processes that run sessions.</summary>
    public required ExecutorSettings Executors { get; init; }

    /// <summary>Where clients of interactive sessions connect.</summary>
    public required SessionGatewaySettings Sessions { get; init; }

    /// <summary>Size of the cache of blobs.</summary>
    public required long BlobCacheBytes { get; init; }

    /// <summary>Where its metrics are shown.</summary>
    public required MetricsHttpSettings MetricsHttp { get; init; }

    /// <summary><c>gpuactors.metrics</c>.</summary>
    public required MetricsSettings Metrics { get; init; }

    /// <summary><c>gpuactors.actors</c>.</summary>
    public required ActorSettings Actors { get; init; }

    /// <summary><c>gpuactors.remoting</c>.</summary>
    public required RemotingSettings Remoting { get; init; }

    /// <summary><c>gpuactors.security</c>.</summary>
    public required SecuritySettings Security { get; init; }

    /// <summary>Reads <c>gpuactors.worker</c> and what goes with it.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static WorkerSettings From(Config config)
    {
        var section = new SettingsReader(config).Section("gpuactors.worker");
        var executors = ExecutorSettings.From(section.Section("executors"));
        var remoting = RemotingSettings.From(config);
        return new WorkerSettings
        {
            Name = section.Name("name"),
            DataFolder = section.Required("data-dir"),
            Schedulers = SchedulersOf(section),
            HeartbeatInterval = section.Time("heartbeat-interval", Limits.Instant, Limits.Hour),
            LeaseMargin = section.Time("lease-margin", TimeSpan.Zero, Limits.Hour),
            ResendInterval = section.Time("resend-interval", Limits.Instant, Limits.Hour),
            LeaveTimeout = section.Time("leave-timeout", TimeSpan.Zero, Limits.Hour),
            Slots = Math.Min(section.Number("slots", 1, 100_000), executors.Max),
            InlineLimitBytes = InlineLimitOf(section, remoting),
            Models = GpuModels.From(config),
            Host = WorkerHostSettings.From(section.Section("host")),
            Devices = DeviceSettings.From(section.Section("devices")),
            Executors = executors,
            Sessions = SessionGatewaySettings.From(section.Section("sessions")),
            BlobCacheBytes = section.Bytes("blob-cache-size", 0),
            MetricsHttp = MetricsHttpSettings.From(section.Section("metrics")),
            Metrics = MetricsSettings.From(config),
            Actors = ActorSettings.From(config),
            Remoting = remoting,
            Security = SecuritySettings.From(config),
        };
    }

    private static int InlineLimitOf(SettingsReader section, RemotingSettings remoting)
    {
        const string path = "inline-limit";
        var limit = (int)section.Bytes(path, 0, LargestInlineLimit);
        return limit <= remoting.MaxFrameBytes / 4 ? limit : throw section.Wrong(
            path, $"at most a quarter of remoting.max-frame, which is {SettingsReader.Size(remoting.MaxFrameBytes)},");
    }

    private static IReadOnlyList<string> SchedulersOf(SettingsReader section)
    {
        var addresses = section.Texts("schedulers");
        bool right = addresses.Count > 0 && addresses.All(address =>
            address.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(address.AsSpan(colon + 1), out ushort port) &&
            port > 0);
        return right ? addresses : throw section.Wrong("schedulers", "a list of addresses such as \"gpu-head:4700\"");
    }
}

/// <summary><c>gpuactors.worker.executors</c>.</summary>
public sealed record ExecutorSettings
{
    /// <summary>Processes that are started before they are needed.</summary>
    public required int Prestart { get; init; }

    /// <summary>Processes in all.</summary>
    public required int Max { get; init; }

    /// <summary>How long an executor beyond the prestarted ones may wait before it is ended.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Sessions of one tenant that an executor serves before it is replaced.</summary>
    public required int MaxSessions { get; init; }

    /// <summary>How long a new executor may take until it is ready.</summary>
    public required TimeSpan StartTimeout { get; init; }

    /// <summary>Host memory that an executor may use beside its slice's.</summary>
    public required long OverheadMemoryBytes { get; init; }

    /// <summary>Size of the cache of compiled kernels.</summary>
    public required long KernelCacheBytes { get; init; }

    internal static ExecutorSettings From(SettingsReader section)
    {
        int max = section.Number("max", 1, 100_000);
        return new ExecutorSettings
        {
            Max = max,
            Prestart = section.Number("prestart", 0, max),
            IdleTimeout = section.Time("idle-timeout", TimeSpan.Zero, TimeSpan.FromDays(1)),
            MaxSessions = section.Number("max-sessions", 1),
            StartTimeout = section.Time("start-timeout", Limits.Instant, Limits.Hour),
            OverheadMemoryBytes = section.Bytes("overhead-memory", 64 * Limits.Mebibyte),
            KernelCacheBytes = section.Bytes("kernel-cache-size", Limits.Mebibyte),
        };
    }
}
