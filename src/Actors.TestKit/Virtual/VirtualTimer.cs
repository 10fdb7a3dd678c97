namespace GpuActors.Actors.TestKit;

/// <summary>A timer on virtual time.</summary>
internal sealed class VirtualTimer(VirtualTimeProvider time, TimerCallback callback, object? state)
    : ITimer, IThreadPoolWorkItem
{
    private long _periodTicks;
    private long _dueTicks;
    private long _sequence;
    private bool _isDisposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed)
        {
            return false;
        }

        _periodTicks = period.Ticks;
        _sequence = 0;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
            Enqueue(time.ElapsedTicks + dueTime.Ticks);
        }

        return true;
    }

    /// <summary>True when the entry of the queue is the timer's newest one.</summary>
    public bool IsDueAt(long dueTicks, long sequence) => _sequence == sequence && _dueTicks == dueTicks;

    /// <summary>Starts the next period; returns the work of this one.</summary>
    public IThreadPoolWorkItem Fire()
    {
        _sequence = 0;
        if (_periodTicks > 0)
        {
            Enqueue(_dueTicks + _periodTicks);
        }

        return this;
    }

    public void Execute()
    {
        if (!_isDisposed)
        {
            callback(state);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _sequence = 0;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Enqueue(long dueTicks)
    {
        _dueTicks = dueTicks;
        _sequence = time.Enqueue(this, dueTicks);
    }
}
