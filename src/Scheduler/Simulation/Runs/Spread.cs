namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>The mean of some seeds' figures and how far apart they are.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their population standard deviation.</param>
/// <param name="Min">The lowest.</param>
/// <param name="Max">The highest.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct Spread(double Mean, double Deviation, double Min, double Max, int Count)
{
    /// <summary>Of at least one figure.</summary>
    public static Spread Of(IEnumerable<double> figures)
    {
        var all = figures.ToArray();
        var mean = all.Average();
        return new Spread(
            mean, Math.Sqrt(all.Average(x => (x - mean) * (x - mean))), all.Min(), all.Max(), all.Length);
    }
}
