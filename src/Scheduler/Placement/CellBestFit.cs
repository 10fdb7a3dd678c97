using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Prefers the device on which the slice leaves least unused: it fills started devices before it opens an empty one,
/// and one that is set to the mode that is needed before one that is open to all. That keeps whole devices for those
/// who need them. Among equals it takes the place that costs the memory line least.
/// </summary>
public sealed class CellBestFit : ICellPolicy
{
    /// <summary>More than memory and compute together can count.</summary>
    private const double OpeningPenalty = 4;

    /// <summary>So little that it decides among equals only.</summary>
    private const double LineWeight = 1e-6;

    /// <inheritdoc/>
    public string Name => "best-fit";

    /// <inheritdoc/>
    public double Score(GpuState gpu, PlacedSlice place)
    {
        var opens = gpu.SliceCount > 0 ? 0 : gpu.Setting is not null ? 1 : 2;
        return -Left(gpu, place) - (opens * OpeningPenalty) - (LineWeight * gpu.Layout.CostOf(place));
    }

    /// <summary>
    /// What is left on the device, 0 to 2: its part of the memory and its part of the compute. vGPUs have no compute of
    /// their own: there the memory counts twice.
    /// </summary>
    internal static double Left(GpuState gpu, PlacedSlice place)
    {
        var layout = gpu.Layout;
        var memory = (layout.MemoryFree - place.MemoryBytes) / (double)layout.MemoryBytes;
        return memory + (place.ComputeUnits > 0
            ? (layout.ComputeUnitsFree - place.ComputeUnits) / (double)Math.Max(1, layout.ComputeUnits)
            : place.ComputePercent > 0 ? (layout.ComputeFree - place.ComputePercent) / 100.0 : memory);
    }
}
