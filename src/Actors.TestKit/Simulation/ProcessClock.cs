namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>
/// A process's clock: its monotonic time and its timers run a little faster or slower than the simulation's, and its
/// wall clock may be wrong by any amount.
/// </summary>
internal sealed class ProcessClock(VirtualRuntime runtime, SimulatedProcess process, double rate) : TimeProvider
{
    private readonly DateTimeOffset _start = runtime.Time.GetUtcNow();
    private readonly long _startTicks = runtime.Elapsed.Ticks;

    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => _startTicks + (long)((runtime.Elapsed.Ticks - _startTicks) * rate);

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp() - _startTicks) + Skew;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = runtime.CreateTimer(callback, state, process, rate);
        timer.Change(dueTime, period);
        return timer;
    }
}
