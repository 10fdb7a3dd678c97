using System.Globalization;

namespace GpuActors.Scheduler.Simulation.Report.Charts;

/// <summary>A range of values along a side of a chart, with round numbers to mark it.</summary>
internal sealed class Axis
{
    private readonly double _from;
    private readonly double _length;

    /// <summary>A range that lies along a line.</summary>
    /// <param name="min">The value at its beginning.</param>
    /// <param name="max">The value at its end, above <paramref name="min"/>.</param>
    /// <param name="from">Where it begins in the drawing.</param>
    /// <param name="to">Where it ends; may lie before <paramref name="from"/>.</param>
    public Axis(double min, double max, double from, double to) =>
        (Min, Max, _from, _length) = (min, max > min ? max : min + 1, from, to - from);

    /// <summary>The value at its beginning.</summary>
    public double Min { get; }

    /// <summary>The value at its end.</summary>
    public double Max { get; }

    /// <summary>Where a value lies; beyond the range: at its end.</summary>
    public double At(double value) => _from + ((Math.Clamp(value, Min, Max) - Min) / (Max - Min) * _length);

    /// <summary>Round numbers within the range, about so many.</summary>
    public IEnumerable<double> Ticks(int about)
    {
        var step = RoundStep((Max - Min) / Math.Max(1, about));
        for (var i = (long)Math.Ceiling((Min / step) - 1e-9); i * step <= Max + (step * 1e-9); i++)
        {
            yield return i * step;
        }
    }

    /// <summary>A range that holds all values, from one round number to another.</summary>
    /// <param name="values">What it must hold.</param>
    /// <param name="atLeast">The length that it has at least.</param>
    public static (double Min, double Max) Around(IEnumerable<double> values, double atLeast)
    {
        var known = values.Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (min, max) = (known.Min(), known.Max());
        var step = RoundStep(Math.Max(max - min, atLeast) / 6);
        var from = Math.Floor(min / step) * step;
        return (from, Math.Max(Math.Ceiling(max / step) * step, from + step));
    }

    /// <summary>A tick's number without more digits than it needs.</summary>
    public static string Label(double tick) => Math.Round(tick, 6).ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>1, 2 or 5 times a power of ten, not below <paramref name="least"/>.</summary>
    private static double RoundStep(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(least, 1e-9))));
        return least <= power ? power : least <= 2 * power ? 2 * power : least <= 5 * power ? 5 * power : 10 * power;
    }
}
