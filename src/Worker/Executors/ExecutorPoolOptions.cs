namespace GpuActors.Worker.Executors;

/// <summary>How executor processes are started, kept and ended.</summary>
public sealed record ExecutorPoolOptions
{
    /// <summary>
    /// Folder for sockets, temporary files and compiled kernels of executors. Created for this user only; what an
    /// earlier worker left in it is deleted. At most 60 characters, since paths of Unix sockets are short.
    /// </summary>
    public required string RunFolder { get; init; }

    /// <summary>Fresh executors kept ready on each device.</summary>
    public int ReadyPerDevice { get; init; } = 1;

    /// <summary>Executor processes at one time, all devices together.</summary>
    public int MaxProcesses { get; init; } = 64;

    /// <summary>Idle executors kept for the next session of the tenant that they served, all tenants together.</summary>
    public int MaxTenantIdle { get; init; } = 8;

    /// <summary>How long such an executor is kept.</summary>
    public TimeSpan TenantIdleTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Sessions that one process serves before it is replaced.</summary>
    public int SessionsPerProcess { get; init; } = 1000;

    /// <summary>Private memory that a process may use beyond its slice: runtime, compiler, staging.</summary>
    public ulong OverheadBytes { get; init; } = 1UL << 30;

    /// <summary>A process that still has so much private memory after its session is replaced.</summary>
    public ulong RecycleResidentBytes { get; init; } = 512UL << 20;

    /// <summary>Memory between socket and device, in each process.</summary>
    public long StagingBytes { get; init; } = 128 << 20;

    /// <summary>Built programs that a process keeps for its tenant.</summary>
    public int CachedPrograms { get; init; } = 32;

    /// <summary>Compiled kernels on disk, all tenants together; the least recently used tenant's go first.</summary>
    public long KernelCacheBytes { get; init; } = 1L << 30;

    /// <summary>How long a process may take to get ready: it loads a compiler.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the end of a session may take before its process is killed.</summary>
    public TimeSpan ResetTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often resident memory is looked at.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Program and first arguments that run an executor; null for this worker's own.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Environment variables for executors beyond the few that they are given anyway.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
