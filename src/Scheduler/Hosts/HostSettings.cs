namespace GpuActors.Scheduler.Hosts;

/// <summary>How long hosts may be silent.</summary>
public sealed record HostSettings
{
    /// <summary>The pool that hosts join.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>How long a worker may go on without a renewal.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much later than the worker the scheduler takes the lease for ended: for clocks that run unevenly
    /// and for the time that ending executors takes.</summary>
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Where workers reach the HTTP API.</summary>
    public string BlobAddress { get; init; } = "";
}
