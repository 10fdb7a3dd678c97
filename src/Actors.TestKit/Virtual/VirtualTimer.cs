using GpuActors.Actors.TestKit.Simulation;
namespace GpuActors.Actors.TestKit;

/// <summary>A timer on virtual time, or on the clock of a simulated process that runs a little faster or slower.</summary>
internal sealed class VirtualTimer(
    VirtualTimeProvider time, TimerCallback callback, object? state, SimulatedProcess? owner = null, double rate = 1)
    : ITimer, IThreadPoolWorkItem
{
    private bool _isQueued;
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

        _periodTicks = period == Timeout.InfiniteTimeSpan ? 0 : OnVirtualTime(period.Ticks);
        _sequence = 0;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
            Enqueue(time.ElapsedTicks + OnVirtualTime(dueTime.Ticks));
        }

        return true;
    }

    /// <summary>Whose timer it is; null for the simulation's own.</summary>
    public SimulatedProcess? Owner => owner;

    /// <summary>True when the entry of the queue is the timer's newest one.</summary>
    public bool IsDueAt(long dueTicks, long sequence) =>
        _sequence == sequence && _dueTicks == dueTicks && owner is not { IsDead: true };

    /// <summary>
    /// Starts the next period. False when the work of an earlier one has not been done yet: as real ones, a periodic
    /// timer of a paused process fires once when it goes on, not once for each period missed.
    /// </summary>
    public bool TryFire()
    {
        _sequence = 0;
        if (_periodTicks > 0)
        {
            Enqueue(_dueTicks + _periodTicks);
        }

        var isFirst = !_isQueued;
        _isQueued = true;
        return isFirst;
    }

    public void Execute()
    {
        _isQueued = false;
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

    // Never early by the process's own clock.
    private long OnVirtualTime(long ticks) => rate == 1 ? ticks : (long)Math.Ceiling(ticks / rate);

    private void Enqueue(long dueTicks)
    {
        _dueTicks = dueTicks;
        _sequence = time.Enqueue(this, dueTicks);
    }
}
