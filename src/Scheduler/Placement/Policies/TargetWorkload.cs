using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// The classes of tasks that are expected, each with its popularity: its part of all tasks. Host memory is ignored.
/// </summary>
/// <param name="Classes">Popularities above 0 that sum up to 1.</param>
public sealed record TargetWorkload(IReadOnlyList<(PlacementRequest Class, double Popularity)> Classes)
{
    /// <summary>FGD leaves the rarest classes out, up to this part of all tasks.</summary>
    public const double PublishedCoverage = 0.95;

    /// <summary>Nothing is known.</summary>
    public static TargetWorkload Empty { get; } = new([]);

    /// <summary>The classes of a trace.</summary>
    /// <param name="tasks">All of its tasks.</param>
    /// <param name="coverage">The most frequent classes are taken until they are this part of all tasks.</param>
    public static TargetWorkload Of(
        IEnumerable<PlacementRequest> tasks, double coverage = PublishedCoverage) =>
        OfCounts(
            tasks.Select(task => task with { HostMemoryMib = 0 }).GroupBy(task => task).Select(g => (g.Key, (double)g.Count())),
            coverage);

    /// <summary>The most frequent classes of a count.</summary>
    /// <param name="counts">Classes without host memory, each once.</param>
    /// <param name="coverage">They are taken until they are this part of all.</param>
    public static TargetWorkload OfCounts(
        IEnumerable<(PlacementRequest Class, double Count)> counts, double coverage = PublishedCoverage)
    {
        var ordered = counts.OrderByDescending(c => c.Count).ThenByDescending(c => c.Class.CpuMilli)
            .ThenByDescending(c => c.Class.GpuMilli).ThenByDescending(c => c.Class.GpuCount)
            .ThenBy(c => c.Class.Models.ToString(), StringComparer.Ordinal).ToArray();
        var wanted = coverage * ordered.Sum(c => c.Count);
        var (taken, sum) = (0, 0.0);
        while (taken < ordered.Length && sum < wanted)
        {
            sum += ordered[taken++].Count;
        }

        return new TargetWorkload([.. ordered.Take(taken).Select(c => (c.Class, c.Count / sum))]);
    }
}
