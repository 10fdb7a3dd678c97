namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// How many sessions of this node wait for slices. Each session keeps its own part right, so the number follows
/// submissions at once, before the queue has heard of them. Safe to use from any thread.
/// </summary>
public sealed class WaitingGauge
{
    private int _count;

    /// <summary>Sessions that wait now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A session that waited, or did not, now does, or does not.</summary>
    public void Change(bool waited, bool waits)
    {
        if (waited != waits)
        {
            Interlocked.Add(ref _count, waits ? 1 : -1);
        }
    }
}
