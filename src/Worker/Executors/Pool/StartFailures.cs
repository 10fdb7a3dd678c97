namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// Starts that failed in a row on one device. A pause follows each, doubling up to a bound; from the
/// <see cref="Hopeless"/> one on, callers are told at once instead of waiting for further tries.
/// </summary>
internal sealed class StartFailures(TimeProvider time)
{
    private const int FailuresUntilHopeless = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private long _lastAt;
    private TimeSpan _pause;
    private int _count;

    /// <summary>What went wrong last.</summary>
    public ExecutorUnavailableException? Last { get; private set; }

    /// <summary>Starts fail and fail.</summary>
    public bool Hopeless => _count >= FailuresUntilHopeless;

    /// <summary>From a timestamp until the next try; zero or less: at once.</summary>
    public TimeSpan Remaining(long now) => _count == 0 ? TimeSpan.Zero : _pause - time.GetElapsedTime(_lastAt, now);

    /// <summary>A start may be tried at a timestamp.</summary>
    public bool MayTry(long now) => Remaining(now) <= TimeSpan.Zero;

    public void Add(ExecutorUnavailableException failure)
    {
        Last = failure;
        _lastAt = time.GetTimestamp();
        _pause = _count == 0 ? FirstPause : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
        _count++;
    }

    public void Clear() => (_count, Last) = (0, null);
}
