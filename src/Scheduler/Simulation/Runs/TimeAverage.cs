namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>The mean over time of an amount that changes in steps, between two times.</summary>
/// <param name="from">Where it begins, in seconds.</param>
/// <param name="to">Where it ends.</param>
public sealed class TimeAverage(double from, double to)
{
    private double _at;
    private double _value;
    private double _sum;

    /// <summary>
    /// The amount is <paramref name="value"/> from <paramref name="time"/> on, which never goes back.
    /// </summary>
    public void Set(double time, double value)
    {
        _sum += _value * Overlap(_at, time);
        (_at, _value) = (time, value);
    }

    /// <summary>The mean, if the last amount stays to the end.</summary>
    public double Read() => to > from ? (_sum + (_value * Overlap(_at, Math.Max(_at, to)))) / (to - from) : _value;

    private double Overlap(double begin, double end) => Math.Max(0, Math.Min(end, to) - Math.Max(begin, from));
}
