using GpuActors.Scheduler.Placement.Capacity;

namespace GpuActors.Scheduler.Placement.Rearranging;

/// <summary>One task that changes its place.</summary>
/// <param name="Task">Its number in <see cref="RunningTasks"/>.</param>
/// <param name="From">What it has.</param>
/// <param name="To">What it gets.</param>
public sealed record TaskMove(int Task, PlacedTask From, PlacedTask To);

/// <summary>
/// Moves that make room for a request. They are one change: all that is left is left before all that is taken is taken
/// (of two tasks that change places neither can be first).
/// </summary>
/// <param name="Place">Where the request then goes.</param>
/// <param name="Moves">The moves.</param>
public sealed record Rearrangement(PlacedTask Place, IReadOnlyList<TaskMove> Moves)
{
    /// <summary>What it costs: the thousandths of GPUs that are moved.</summary>
    public int CostMilli => Moves.Sum(move => move.From.DemandMilli);
}
