namespace GpuActors.Actors;

/// <summary>
/// Measures an actor's idle time. Messages only note the time; the timer looks, on the actor's turn, whether the
/// actor was idle long enough, and otherwise waits for the rest.
/// </summary>
internal sealed class ReceiveTimeoutTimer
{
    private readonly ActorCell _cell;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _lastTouch;
    private bool _cancelled;

    public ReceiveTimeoutTimer(ActorCell cell, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        Timeout = timeout;
        _cell = cell;
        _time = cell.System.Runtime.Time;
        _lastTouch = _time.GetTimestamp();
        _timer = _time.CreateTimer(
            static self => ((ReceiveTimeoutTimer)self!).Enqueue(), this, timeout, System.Threading.Timeout.InfiniteTimeSpan);
    }

    public TimeSpan Timeout { get; }

    public void Touch() => _lastTouch = _time.GetTimestamp();

    public void Cancel()
    {
        _cancelled = true;
        _timer.Dispose();
    }

    /// <summary>On the actor's turn: true when the actor must be told now.</summary>
    public bool IsDue()
    {
        if (_cancelled)
        {
            return false;
        }

        var rest = Timeout - _time.GetElapsedTime(_lastTouch);
        var isDue = rest <= TimeSpan.Zero;
        if (isDue)
        {
            Touch();
        }

        _timer.Change(isDue ? Timeout : rest, System.Threading.Timeout.InfiniteTimeSpan);
        return isDue;
    }

    private void Enqueue() => _cell.TellInternally(new ReceiveTimeoutCheck(this));
}

/// <summary>In the mailbox when the timer of <paramref name="Timer"/> fired.</summary>
internal sealed record ReceiveTimeoutCheck(ReceiveTimeoutTimer Timer) : IAutoReceivedMessage, INotInfluenceReceiveTimeout;
