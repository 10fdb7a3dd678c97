namespace GpuActors.Scheduler.Api;

/// <summary>Bounds of the HTTP API; <c>gpuactors.scheduler.api</c>.</summary>
public sealed record ApiSettings
{
    /// <summary>The pool whose cell is shown.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>The longest that a request may wait for a job's end.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The largest blob.</summary>
    public long MaxBlobBytes { get; init; } = 16L << 30;

    /// <summary>Hosts in one list.</summary>
    public int MaxHostsListed { get; init; } = 10_000;
}
