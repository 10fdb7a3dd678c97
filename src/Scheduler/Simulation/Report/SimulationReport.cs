using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>What was simulated and what came out, for all ways of showing it.</summary>
public sealed record SimulationReport
{
    /// <summary>What was simulated: labels with their values.</summary>
    public required IReadOnlyList<(string Label, string Value)> Facts { get; init; }

    /// <summary>What levels of the figures are.</summary>
    public required ReportScale Scale { get; init; }

    /// <summary>A policy each, in the order that was asked for.</summary>
    public required IReadOnlyList<PolicyReport> Policies { get; init; }
}

/// <summary>Along what the figures of a report go.</summary>
public enum ReportScale
{
    /// <summary>Arrived demand in percent of what there is: nothing departs.</summary>
    ArrivedDemand,

    /// <summary>Time: tasks come and go.</summary>
    Time,
}

/// <summary>What a policy did, over all seeds.</summary>
public sealed record PolicyReport
{
    /// <summary>Its name.</summary>
    public required string Policy { get; init; }

    /// <summary>How many seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>Decisions per second of the time spent in decisions, on one core.</summary>
    public required double DecisionsPerSecond { get; init; }

    /// <summary>At every level, or around every time, that had events.</summary>
    public required IReadOnlyList<LevelSpread> Levels { get; init; }

    /// <summary>Over the measured time; null where nothing departs.</summary>
    public ChurnSpread? Churn { get; init; }

    /// <summary>Waiting times, means over the seeds; empty where nothing waits.</summary>
    public IReadOnlyList<WaitingFigures> Waiting { get; init; } = [];

    /// <summary>The first seed's cluster; null if it was not asked for.</summary>
    public HeatMap? Heat { get; init; }

    /// <summary>Puts a policy's runs together, one for each seed.</summary>
    public static PolicyReport Of(IReadOnlyList<RunResult> runs) => new()
    {
        Policy = runs[0].Policy,
        Seeds = runs.Count,
        DecisionsPerSecond = runs.Sum(run => run.Decisions)
            / Math.Max(1e-9, runs.Sum(run => run.DecisionTime.TotalSeconds)),
        Levels =
        [
            .. runs.SelectMany(run => run.Levels).GroupBy(level => Math.Round(level.At, 6)).OrderBy(level => level.Key)
                .Select(LevelSpread.Of),
        ],
        Churn = runs[0].Churn is null ? null : ChurnSpread.Of([.. runs.Select(run => run.Churn!)]),
        Waiting = WaitingTimes.MeanOf(runs.Select(run => run.Waiting)),
        Heat = runs.Select(run => run.Heat).FirstOrDefault(heat => heat is not null),
    };
}

/// <summary>All seeds' figures at a level.</summary>
/// <param name="At">The level: arrived demand in percent, or a time.</param>
/// <param name="Allocated">Allocated GPU in percent.</param>
/// <param name="Fragmented">F(M) in percent.</param>
/// <param name="Rejected">Rejected tasks so far.</param>
/// <param name="Moves">Moved tasks so far.</param>
public sealed record LevelSpread(double At, Spread Allocated, Spread Fragmented, Spread Rejected, Spread Moves)
{
    /// <summary>Of the seeds' figures at one level.</summary>
    public static LevelSpread Of(IEnumerable<LevelFigures> figures)
    {
        var all = figures.ToArray();
        return new LevelSpread(
            all[0].At,
            Spread.Of(all.Select(f => f.Allocated)),
            Spread.Of(all.Select(f => f.Fragmented)),
            Spread.Of(all.Select(f => f.Rejected)),
            Spread.Of(all.Select(f => f.Moves)));
    }
}

/// <summary>All seeds' figures over the measured time.</summary>
/// <param name="Allocated">Time average of allocated GPU in percent.</param>
/// <param name="RejectedDemand">Demand of rejected tasks in percent of what arrived.</param>
/// <param name="MovesPer100Arrivals">Moved tasks per 100 arrivals.</param>
public sealed record ChurnSpread(Spread Allocated, Spread RejectedDemand, Spread MovesPer100Arrivals)
{
    /// <summary>Of the seeds' figures.</summary>
    public static ChurnSpread Of(IReadOnlyList<ChurnFigures> figures) => new(
        Spread.Of(figures.Select(f => f.Allocated)),
        Spread.Of(figures.Select(f => f.RejectedDemand)),
        Spread.Of(figures.Select(f => f.MovesPer100Arrivals)));
}
