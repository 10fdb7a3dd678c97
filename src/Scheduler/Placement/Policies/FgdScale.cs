namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// int(100 sigma(x)) with sigma(x) = 1 / (1 + exp(-x)), by a table: the exponential would be most of a score's cost.
/// </summary>
internal static class FgdScale
{
    private const double Range = 6;
    private const int CellsPerUnit = 64;

    /// <summary>The smallest x for each value.</summary>
    private static readonly double[] Thresholds = [.. Enumerable.Range(0, 101).Select(ThresholdOf)];

    private static readonly byte[] FirstValue =
        [.. Enumerable.Range(0, (int)(2 * Range * CellsPerUnit)).Select(i => (byte)Exact((i / (double)CellsPerUnit) - Range))];

    /// <summary>0 to 100.</summary>
    public static int Of(double x)
    {
        var cell = (x + Range) * CellsPerUnit;
        if (!(cell >= 0 && cell < FirstValue.Length))
        {
            return Exact(x);
        }

        int value = FirstValue[(int)cell];
        while (x >= Thresholds[value + 1])
        {
            value++;
        }

        return value;
    }

    /// <summary>By definition.</summary>
    public static int Exact(double x) => (int)(100 / (1 + Math.Exp(-x)));

    private static double ThresholdOf(int value)
    {
        if (value is 0 or 100)
        {
            return value == 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        var (low, high) = (-10.0, 10.0);
        for (var i = 0; i < 200 && low < high; i++)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = Exact(middle) >= value ? (low, middle) : (Math.BitIncrement(middle), high);
        }

        return high;
    }
}
