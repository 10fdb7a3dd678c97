namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>A cluster right after an arrival.</summary>
/// <param name="At">
/// Demand of all arrivals so far, placed or not, in percent of what there is; where tasks depart, the time since the
/// beginning.
/// </param>
/// <param name="AllocatedPercent">GPU that is given away, in percent of what there is.</param>
/// <param name="FragmentedPercent">GPU that is free and of no use to the expected tasks, F(M), in percent.</param>
/// <param name="Rejected">Tasks that found no room so far.</param>
/// <param name="Moves">Tasks that were moved so far to make room.</param>
public readonly record struct LevelSample(
    double At, double AllocatedPercent, double FragmentedPercent, long Rejected, long Moves);

/// <summary>What a run saw at one level of arrived demand, or around one time: means over its events there.</summary>
/// <param name="At">The level, or the time.</param>
/// <param name="Allocated">Allocated GPU in percent.</param>
/// <param name="Fragmented">F(M) in percent.</param>
/// <param name="Rejected">Rejected tasks so far.</param>
/// <param name="Moves">Moved tasks so far.</param>
public readonly record struct LevelFigures(
    double At, double Allocated, double Fragmented, double Rejected, double Moves);

/// <summary>
/// The protocol's averages: "at a %" is the mean over all events whose arrived demand rounds to a.
/// </summary>
/// <param name="width">How far levels are apart: 1 % of arrived demand, or a time.</param>
public sealed class LevelRecorder(double width = 1)
{
    /// <summary>Where the openb figures are published, and reports are made.</summary>
    public static readonly IReadOnlyList<int> ReportedLevels = [90, 95, 100, 110, 130];

    private const int LevelLimit = 10_000;

    private readonly List<Sums> _levels = [];

    /// <summary>Counts an event.</summary>
    public void Add(in LevelSample sample)
    {
        var level = (int)Math.Round(sample.At / width, MidpointRounding.ToEven);
        if (level > LevelLimit)
        {
            return;
        }

        while (_levels.Count <= level)
        {
            _levels.Add(new Sums());
        }

        _levels[level].Add(sample);
    }

    /// <summary>All levels that had events, from the lowest.</summary>
    public IReadOnlyList<LevelFigures> Read() =>
    [
        .. _levels.Select((sums, level) => (Sums: sums, At: level * width)).Where(level => level.Sums.Count > 0)
            .Select(level => level.Sums.At(level.At)),
    ];

    private sealed class Sums
    {
        private double _allocated;
        private double _fragmented;
        private double _rejected;
        private double _moves;

        public int Count { get; private set; }

        public void Add(in LevelSample sample)
        {
            Count++;
            _allocated += sample.AllocatedPercent;
            _fragmented += sample.FragmentedPercent;
            _rejected += sample.Rejected;
            _moves += sample.Moves;
        }

        public LevelFigures At(double level) =>
            new(level, _allocated / Count, _fragmented / Count, _rejected / Count, _moves / Count);
    }
}
