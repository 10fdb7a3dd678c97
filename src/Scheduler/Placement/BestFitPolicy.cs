namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Prefers the device on which the demand leaves least unused: it fills started devices before it opens an empty one,
/// which keeps whole devices for those who need them.
/// </summary>
public sealed class BestFitPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "best-fit";

    /// <inheritdoc/>
    public double Score(GpuState gpu, GpuDemand demand)
    {
        var total = Math.Max(1, gpu.Inventory.MemoryBytes);
        var memoryLeft = (gpu.MemoryFree - demand.MemoryOf(total)) / (double)total;
        var computeLeft = (gpu.ComputeFree - demand.ComputePercent) / 100.0;
        return -(memoryLeft + computeLeft);
    }
}
