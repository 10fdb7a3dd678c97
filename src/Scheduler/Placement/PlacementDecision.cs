using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>Where a demand goes, or why it goes nowhere.</summary>
/// <param name="Slices">The slices to reserve; empty if there is no room.</param>
/// <param name="Refusal">Why there is no room; null if there is.</param>
/// <param name="CouldFit">It would fit if the hosts that are there now were empty.</param>
public sealed record PlacementDecision(SliceGrant[] Slices, string? Refusal, bool CouldFit = true)
{
    /// <summary>Why there and not elsewhere; null if there is no room.</summary>
    public PlacementChoice? Choice { get; init; }

    /// <summary>What keeps it off hosts and GPUs; empty if there is room.</summary>
    public IReadOnlyList<PlacementReason> Reasons { get; init; } = [];

    /// <summary>There would be room but for what it asks of where other jobs of its tenant run.</summary>
    public bool IsOwnWish { get; init; }

    /// <summary>There is room.</summary>
    public bool Fits => Refusal is null;
}
