namespace GpuActors.Actors;

/// <summary>Counts a child's restarts. Kept at the child, used by its parent.</summary>
internal sealed class RestartLimiter
{
    private int _restarts;
    private long _windowStart;

    /// <summary>Counts a restart; false when it exceeds the limit within the window.</summary>
    public bool TryRestart(int retriesMax, TimeSpan? window, TimeProvider time)
    {
        if (retriesMax < 0 && window is null)
        {
            return true;
        }

        var limit = retriesMax < 0 ? 1 : retriesMax;
        if (_restarts == 0 || (window is { } range && time.GetElapsedTime(_windowStart) > range))
        {
            _restarts = 0;
            _windowStart = time.GetTimestamp();
        }

        return ++_restarts <= limit;
    }
}
