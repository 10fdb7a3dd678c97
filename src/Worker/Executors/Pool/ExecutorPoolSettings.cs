using GpuActors.Shared.Devices;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>Bounds of an <see cref="ExecutorPool"/>.</summary>
public sealed record ExecutorPoolSettings
{
    /// <summary>
    /// A folder for this pool alone (sockets, temporary files, compiled kernels): emptied at start, removed at the end,
    /// open to its owner only. Short: a Unix socket's path has at most 107 bytes.
    /// </summary>
    public required string SocketFolder { get; init; }

    /// <summary>The file in which executors read their worker's lease, and which they hold while they live.</summary>
    internal string LeaseFile => Path.Combine(SocketFolder, "lease");

    /// <summary>How turns are measured, by device; the defaults where nothing is said.</summary>
    public IReadOnlyDictionary<DeviceAddress, TimeSliceSettings> TimeSlices { get; init; } =
        new Dictionary<DeviceAddress, TimeSliceSettings>();

    /// <summary>Executors kept ready for each device that nobody has used yet.</summary>
    public int PrestartPerDevice { get; init; } = 1;

    /// <summary>Most executor processes at one time, all devices together.</summary>
    public int MaxTotal { get; init; } = 32;

    /// <summary>Sessions that one process serves, one after the other, before it is replaced.</summary>
    public int MaxSessionsPerExecutor { get; init; } = 200;

    /// <summary>How long an executor waits for its tenant's next session.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a process may take from its start until its device is open.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an executor may take to release and zero what a session has left.</summary>
    public TimeSpan ResetTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a process may take to go once its connection has ended or it was killed: then it is killed, or
    /// reported as stuck.
    /// </summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Resident memory that a process may have beyond its slice's: runtime, driver, compiler. Also the most that it
    /// may have left between two sessions.
    /// </summary>
    public long OverheadMemoryBytes { get; init; } = 1L << 30;

    /// <summary>Compiled kernels on disk, those of all tenants together.</summary>
    public long MaxKernelBytes { get; init; } = 1L << 30;

    /// <summary>How often the size of compiled kernels is looked at, while sessions come and go.</summary>
    public TimeSpan KernelCheckInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the resident memory of a process with a session is looked at.</summary>
    public TimeSpan MemoryCheckInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        Require(PrestartPerDevice is >= 0 and <= 64, nameof(PrestartPerDevice), "0 to 64", PrestartPerDevice);
        Require(MaxTotal is >= 1 and <= 4096, nameof(MaxTotal), "1 to 4096", MaxTotal);
        Require(MaxSessionsPerExecutor >= 1, nameof(MaxSessionsPerExecutor), "1 or more", MaxSessionsPerExecutor);
        Require(OverheadMemoryBytes > 0, nameof(OverheadMemoryBytes), "more than 0", OverheadMemoryBytes);
        Require(MaxKernelBytes > 0, nameof(MaxKernelBytes), "more than 0", MaxKernelBytes);
        RequirePositive(KernelCheckInterval, nameof(KernelCheckInterval));
        RequirePositive(IdleTimeout, nameof(IdleTimeout));
        RequirePositive(StartTimeout, nameof(StartTimeout));
        RequirePositive(ResetTimeout, nameof(ResetTimeout));
        RequirePositive(KillGrace, nameof(KillGrace));
        RequirePositive(MemoryCheckInterval, nameof(MemoryCheckInterval));
    }

    private static void RequirePositive(TimeSpan value, string name) =>
        Require(value > TimeSpan.Zero && value <= TimeSpan.FromDays(1), name, "more than 0 and at most a day", value);

    private static void Require(bool holds, string name, string allowed, object value)
    {
        if (!holds)
        {
            throw new ArgumentException($"Executor pool: {name} is {value}; allowed is {allowed}.");
        }
    }
}
