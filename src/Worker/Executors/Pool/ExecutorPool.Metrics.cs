using System.Diagnostics.Metrics;

namespace GpuActors.Worker.Executors.Pool;

// What the pool tells of itself to metrics.
public sealed partial class ExecutorPool
{
    private long _starts;
    private long _failedStarts;

    /// <summary>Takes the seconds from asking for an executor to an open session; null: nobody wants to know.</summary>
    public Histogram<double>? SessionStart { get; set; }

    /// <summary>What the executors are doing now, and how many there have been.</summary>
    public ExecutorPoolUse ReadUse()
    {
        lock (_lock)
        {
            int Count(Func<PooledExecutor, bool> which) => _executors.Count(which);
            return new ExecutorPoolUse(
                Count(e => e is { Phase: ExecutorPhase.Idle, Tenant: null }),
                Count(e => e is { Phase: ExecutorPhase.Idle, Tenant: not null }),
                Count(e => e.Phase is ExecutorPhase.Opening or ExecutorPhase.Busy),
                Count(e => e.Phase == ExecutorPhase.Starting),
                Count(e => e.Phase == ExecutorPhase.Ending),
                _waiters.Count,
                _starts,
                _failedStarts);
        }
    }
}

/// <summary>What the executors of a pool are doing.</summary>
/// <param name="Ready">Started ahead: have served nobody yet.</param>
/// <param name="Kept">Wait for the next session of the tenant that they served.</param>
/// <param name="Busy">Serve a session.</param>
/// <param name="Starting">Are not ready yet.</param>
/// <param name="Ending">Were killed and are not gone yet.</param>
/// <param name="Waiting">Sessions that wait for an executor.</param>
/// <param name="Starts">Executors that became ready, in all.</param>
/// <param name="FailedStarts">Executors that did not, in all.</param>
public sealed record ExecutorPoolUse(
    int Ready, int Kept, int Busy, int Starting, int Ending, int Waiting, long Starts, long FailedStarts);
