using System.Runtime.CompilerServices;

namespace GpuActors.Scheduler.Placement.Policies.Learned;

/// <summary>ln(1 + exp(x)) from a table: a smooth form of max(0, x). Error below 0.0002.</summary>
internal static class SoftPlus
{
    private const double Range = 10;
    private const int StepsPerUnit = 32;
    private static readonly double[] Table = Build();

    /// <summary>The value at <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(double x)
    {
        if (x >= Range)
        {
            return x;
        }

        if (x <= -Range)
        {
            return 0;
        }

        var position = (x + Range) * StepsPerUnit;
        var index = (int)position;
        return Table[index] + ((position - index) * (Table[index + 1] - Table[index]));
    }

    private static double[] Build()
    {
        var table = new double[(int)(2 * Range * StepsPerUnit) + 2];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = Math.Log(1 + Math.Exp(((double)i / StepsPerUnit) - Range));
        }

        return table;
    }
}
