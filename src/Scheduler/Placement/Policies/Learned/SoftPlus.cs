using System.Runtime.CompilerServices;

namespace GpuActors.Scheduler.Placement.Policies.Learned;

/// <summary>
/// ln(1 + exp(x)), a smooth form of max(0, x), as max(0, x) + ln(1 + exp(-|x|)), of which the second part comes from a
/// table. Error below 0.001.
/// </summary>
internal static class SoftPlus
{
    private const double Range = 10;
    private const int StepsPerUnit = 256;
    private static readonly double[] Table = Build();

    /// <summary>The value at <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(double x)
    {
        var table = Table;
        var index = (int)((Math.Min(Math.Abs(x), Range) * StepsPerUnit) + 0.5);
        return Math.Max(0, x) + ((uint)index < (uint)table.Length ? table[index] : 0);
    }

    private static double[] Build()
    {
        var table = new double[(int)(Range * StepsPerUnit) + 1];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = Math.Log(1 + Math.Exp(-(double)i / StepsPerUnit));
        }

        return table;
    }
}
