using GpuActors.Scheduler.Simulation.Workloads;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>How long tasks of a class waited, in seconds.</summary>
/// <param name="Class">The class: <c>share</c>, <c>1 GPU</c>, ...; <c>all</c> for all together.</param>
/// <param name="Tasks">How many were measured, per run.</param>
/// <param name="Unplaced">
/// How many of them were still waiting at the end, per run; they count with what they had waited.
/// </param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">Half of them waited at most so long.</param>
/// <param name="P95">95 % waited at most so long.</param>
/// <param name="P99">99 % waited at most so long.</param>
public sealed record WaitingFigures(
    string Class, double Tasks, double Unplaced, double Mean, double P50, double P95, double P99);

/// <summary>Collects the waiting times of a run by class.</summary>
public sealed class WaitingTimes
{
    /// <summary>The class of all tasks together.</summary>
    public const string All = "all";

    private readonly Dictionary<string, Times> _classes = new(StringComparer.Ordinal);

    /// <summary>A task of a class got what it asked for, or the run ended.</summary>
    /// <param name="name">The class.</param>
    /// <param name="seconds">How long it had waited.</param>
    /// <param name="placed">It was placed.</param>
    public void Add(string name, double seconds, bool placed)
    {
        Of(All).Add(seconds, placed);
        Of(name).Add(seconds, placed);
    }

    /// <summary>Figures of all tasks, then of each class.</summary>
    public IReadOnlyList<WaitingFigures> Read() =>
    [
        .. _classes.OrderBy(entry => RankOf(entry.Key)).Select(entry => entry.Value.Read(entry.Key)),
    ];

    /// <summary>The means over some runs of each figure, class by class.</summary>
    public static IReadOnlyList<WaitingFigures> MeanOf(IEnumerable<IReadOnlyList<WaitingFigures>> runs) =>
    [
        .. runs.SelectMany(run => run).GroupBy(figures => figures.Class).OrderBy(g => RankOf(g.Key)).Select(group =>
            new WaitingFigures(
            group.Key,
            group.Average(f => f.Tasks),
            group.Average(f => f.Unplaced),
            group.Average(f => f.Mean),
            group.Average(f => f.P50),
            group.Average(f => f.P95),
            group.Average(f => f.P99))),
    ];

    /// <summary>All first, then by the number of GPUs, a part of one before one.</summary>
    private static int RankOf(string name) => name switch
    {
        All => -3,
        WorkloadTask.CpuOnly => -2,
        WorkloadTask.Share => -1,
        _ => int.TryParse(name.Split(' ')[0], out var gpus) ? gpus : int.MaxValue,
    };

    private Times Of(string name)
    {
        if (!_classes.TryGetValue(name, out var times))
        {
            _classes[name] = times = new Times();
        }

        return times;
    }

    private sealed class Times
    {
        private readonly List<double> _seconds = [];
        private int _unplaced;

        public void Add(double seconds, bool placed)
        {
            _seconds.Add(seconds);
            _unplaced += placed ? 0 : 1;
        }

        public WaitingFigures Read(string name)
        {
            _seconds.Sort();
            return new WaitingFigures(
                name, _seconds.Count, _unplaced, _seconds.Average(), Quantile(0.5), Quantile(0.95), Quantile(0.99));
        }

        /// <summary>The least time that at least this part of all is not above.</summary>
        private double Quantile(double part) =>
            _seconds[Math.Clamp((int)Math.Ceiling(part * _seconds.Count) - 1, 0, _seconds.Count - 1)];
    }
}
