using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Prefers the device on which the request leaves least unused: it fills started devices before it opens an empty one,
/// which keeps whole devices for those who need them.
/// </summary>
public sealed class BestFitPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "best-fit";

    /// <inheritdoc/>
    public double Score(GpuState gpu, GpuRequest request)
    {
        var total = gpu.Inventory.MemoryBytes;
        var share = request.ShareOf(total);
        var memoryLeft = (gpu.MemoryFree - share.MemoryBytes) / (double)total;
        var computeLeft = (gpu.ComputeFree - share.ComputePercent) / 100.0;
        return -(memoryLeft + computeLeft);
    }
}
