using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Sessions;

/// <summary>
/// How many sessions of this node are in each state, and how many have ended since it started. Each session keeps its
/// own part right. Safe to use from any thread.
/// </summary>
public sealed class SessionCounts
{
    private static readonly JobState[] States = Enum.GetValues<JobState>();

    private readonly long[] _now = new long[States.Length];
    private readonly long[] _ended = new long[States.Length];

    /// <summary>A session that was in one state is in another; null: it is not on this node.</summary>
    public void Change(JobState? was, JobState? now)
    {
        if (was == now)
        {
            return;
        }

        if (was is { } left)
        {
            Interlocked.Decrement(ref _now[(int)left]);
        }

        if (now is { } entered)
        {
            Interlocked.Increment(ref _now[(int)entered]);
        }
    }

    /// <summary>A session's end in <paramref name="state"/> is durable.</summary>
    public void Ended(JobState state) => Interlocked.Increment(ref _ended[(int)state]);

    /// <summary>Sessions that have not ended, by state.</summary>
    public IEnumerable<(JobState State, long Count)> ReadOpen() =>
        States.Where(state => !state.IsTerminal()).Select(state => (state, Interlocked.Read(ref _now[(int)state])));

    /// <summary>Sessions that have ended on this node since it started, by state.</summary>
    public IEnumerable<(JobState State, long Count)> ReadEnded() =>
        States.Where(state => state.IsTerminal()).Select(state => (state, Interlocked.Read(ref _ended[(int)state])));
}
