namespace GpuActors.Scheduler.Simulation.Report.Charts;

/// <summary>Keeps labels beside the ends of lines from lying on each other.</summary>
internal static class EndLabels
{
    /// <summary>
    /// Moves positions apart so that any two are at least <paramref name="gap"/> apart and all lie in a range, in the
    /// order that they had.
    /// </summary>
    public static double[] Spread(IReadOnlyList<double> wanted, double gap, double min, double max)
    {
        var order = Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i]).ToArray();
        var places = new double[wanted.Count];
        var low = min;
        foreach (var i in order)
        {
            places[i] = Math.Max(wanted[i], low);
            low = places[i] + gap;
        }

        var high = max;
        for (var k = order.Length - 1; k >= 0; k--)
        {
            places[order[k]] = Math.Min(places[order[k]], high);
            high = places[order[k]] - gap;
        }

        return places;
    }
}
