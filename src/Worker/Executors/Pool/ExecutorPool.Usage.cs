using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Pool;

// What sessions use, as their executors have noted it in memory that they share with the worker.
public sealed partial class ExecutorPool
{
    /// <inheritdoc/>
    public IReadOnlyList<SliceUsage> ReadAll()
    {
        lock (_lock)
        {
            return [.. _executors.Where(e => e is { Session: not null, Page: not null }).Select(Read)];
        }
    }

    private SliceUsage Read(PooledExecutor executor)
    {
        var (session, page) = (executor.Session!, executor.Page!);
        var counters = page.Counters;
        var busy = Span(counters.Busy);
        if (page.State == ShareState.Runs && counters.RunsSince > 0)
        {
            busy += Span(Math.Max(0, _time.GetTimestamp() - counters.RunsSince)); // a kernel that still runs
        }

        executor.Busy = busy > executor.Busy ? busy : executor.Busy;
        return new SliceUsage(
            session.Slice,
            session.Session,
            session.Tenant,
            session.Epoch,
            executor.Busy,
            Span(counters.Queued),
            Span(counters.Throttled),
            counters.Kernels,
            counters.BytesIn,
            counters.BytesOut,
            counters.MemoryBytes,
            counters.MemoryPeakBytes);
    }

    private TimeSpan Span(long ticks) => _time.GetElapsedTime(0, Math.Max(0, ticks));
}
