using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>Prefers the device with most left over: work runs with the least company, at the price of fragments.</summary>
public sealed class SpreadPolicy : IPlacementPolicy
{
    private readonly BestFitPolicy _opposite = new();

    /// <inheritdoc/>
    public string Name => "spread";

    /// <inheritdoc/>
    public double Score(GpuState gpu, GpuRequest request) => -_opposite.Score(gpu, request);
}
