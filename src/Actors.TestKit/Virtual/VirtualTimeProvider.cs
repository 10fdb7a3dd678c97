namespace GpuActors.Actors.TestKit;

/// <summary>A clock that stands still until the runtime moves it, and the timers on it.</summary>
internal sealed class VirtualTimeProvider(VirtualRuntime runtime, DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<VirtualTimer, (long DueTicks, long Sequence)> _timers = new();
    private long _sequence;

    /// <summary>Time since the start, in ticks of 100 ns.</summary>
    public long ElapsedTicks { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>When the next timer is due, in ticks since the start; null without timers.</summary>
    public long? NextDueTicks
    {
        get
        {
            while (_timers.TryPeek(out var timer, out var key))
            {
                if (timer.IsDueAt(key.DueTicks, key.Sequence))
                {
                    return key.DueTicks;
                }

                _timers.Dequeue(); // changed or disposed meanwhile
            }

            return null;
        }
    }

    public override long GetTimestamp() => ElapsedTicks;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(ElapsedTicks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>A timer that is not due before <see cref="VirtualTimer.Change"/> says when.</summary>
    public VirtualTimer CreateTimer(Action fire) => new(this, static state => ((Action)state!)(), fire);

    /// <summary>Moves the clock, never back.</summary>
    public void MoveTo(long ticks) => ElapsedTicks = Math.Max(ElapsedTicks, ticks);

    /// <summary>Fires the timers that are due now, each as work of the runtime.</summary>
    public void FireDue()
    {
        while (NextDueTicks <= ElapsedTicks)
        {
            var timer = _timers.Dequeue();
            if (timer.TryFire())
            {
                runtime.Execute(timer, timer.Owner);
            }
        }
    }

    public long Enqueue(VirtualTimer timer, long dueTicks)
    {
        var sequence = ++_sequence;
        _timers.Enqueue(timer, (dueTicks, sequence));
        return sequence;
    }
}
