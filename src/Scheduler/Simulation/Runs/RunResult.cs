using GpuActors.Scheduler.Simulation.Report;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>What one run of a policy with a seed gave.</summary>
public sealed record RunResult
{
    /// <summary>The policy's name.</summary>
    public required string Policy { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>At every level, or around every time, that had events.</summary>
    public required IReadOnlyList<LevelFigures> Levels { get; init; }

    /// <summary>Tasks that were placed.</summary>
    public required long Placed { get; init; }

    /// <summary>GPU that is given away at the end, in thousandths.</summary>
    public required long AllocatedMilli { get; init; }

    /// <summary>How often the engine was asked.</summary>
    public required long Decisions { get; init; }

    /// <summary>Time spent in the engine.</summary>
    public required TimeSpan DecisionTime { get; init; }

    /// <summary>Over the measured time; null where nothing departs.</summary>
    public ChurnFigures? Churn { get; init; }

    /// <summary>Waiting times; empty where nothing waits.</summary>
    public IReadOnlyList<WaitingFigures> Waiting { get; init; } = [];

    /// <summary>The cluster over the run; null if it was not asked for.</summary>
    public HeatMap? Heat { get; init; }
}

/// <summary>What a run with departures saw over its measured time.</summary>
/// <param name="Allocated">Time average of allocated GPU in percent.</param>
/// <param name="RejectedDemand">Demand of rejected tasks in percent of what arrived.</param>
/// <param name="MovesPer100Arrivals">Moved tasks per 100 arrivals.</param>
/// <param name="Arrivals">Tasks that arrived.</param>
public sealed record ChurnFigures(double Allocated, double RejectedDemand, double MovesPer100Arrivals, long Arrivals);
