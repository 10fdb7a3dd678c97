namespace GpuActors.Scheduler.Hosts;

/// <summary>How hosts are kept.</summary>
/// <param name="Pool">The pool that hosts join.</param>
/// <param name="Lease">How long a worker may go on without a renewal.</param>
/// <param name="LeaseMargin">
/// How much later than the worker the scheduler takes the lease for ended: for clocks that run unevenly and for the
/// time that ending executors takes.
/// </param>
/// <param name="BlobAddress">Where workers reach the HTTP API.</param>
public sealed record HostSettings(string Pool, TimeSpan Lease, TimeSpan LeaseMargin, string BlobAddress);
