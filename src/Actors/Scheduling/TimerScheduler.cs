namespace GpuActors.Actors;

/// <inheritdoc cref="ITimerScheduler"/>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, KeyedTimer> _timers = [];

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartSingleTimer(object key, object message, TimeSpan timeout) =>
        Start(key, message, timeout, Timeout.InfiniteTimeSpan);

    public void StartPeriodicTimer(object key, object message, TimeSpan interval) =>
        StartPeriodicTimer(key, message, interval, interval);

    public void StartPeriodicTimer(object key, object message, TimeSpan initialDelay, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Start(key, message, initialDelay, interval);
    }

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer))
        {
            timer.Cancel();
        }
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values)
        {
            timer.Cancel();
        }

        _timers.Clear();
    }

    /// <summary>The message to see for a tick; null when its timer was cancelled or replaced meanwhile.</summary>
    public object? Accept(KeyedTimer timer)
    {
        if (!_timers.TryGetValue(timer.Key, out var active) || active != timer)
        {
            return null;
        }

        if (!timer.IsPeriodic)
        {
            _timers.Remove(timer.Key);
            timer.Cancel();
        }

        return timer.Message;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        cell.AssertOnTurn();
        Cancel(key);
        _timers[key] = new KeyedTimer(cell, key, message, delay, interval);
    }
}

/// <summary>One running timer, and the notice that it puts into the actor's mailbox when it is due.</summary>
internal sealed class KeyedTimer : IAutoReceivedMessage
{
    private readonly ActorCell _cell;
    private readonly ITimer _timer;
    private int _isInMailbox;

    public KeyedTimer(ActorCell cell, object key, object message, TimeSpan delay, TimeSpan interval)
    {
        _cell = cell;
        Key = key;
        Message = message;
        IsPeriodic = interval != Timeout.InfiniteTimeSpan;
        _timer = cell.System.Runtime.Time.CreateTimer(
            static self => ((KeyedTimer)self!).Enqueue(), this, delay, interval);
    }

    public object Key { get; }

    public object Message { get; }

    public bool IsPeriodic { get; }

    public void Cancel() => _timer.Dispose();

    /// <summary>Called when the notice leaves the mailbox.</summary>
    public void LeaveMailbox() => Volatile.Write(ref _isInMailbox, 0);

    private void Enqueue()
    {
        if (Interlocked.Exchange(ref _isInMailbox, 1) == 0)
        {
            _cell.TellInternally(this);
        }
    }
}
