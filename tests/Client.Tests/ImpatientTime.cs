using System.Collections.Concurrent;

namespace GpuActors.Client.Tests;

/// <summary>A clock whose timers up to a limit are over at once, and longer ones never; it notes what was waited for.</summary>
internal sealed class ImpatientTime(TimeSpan limit) : TimeProvider
{
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && dueTime <= limit)
        {
            Waits.Enqueue(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }

        return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
    }
}
