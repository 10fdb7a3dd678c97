using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Prefers the device with most left over: work runs with the least company, at the price of fragments. Among equals it
/// takes one that is set to the mode that is needed before one that is open to all.
/// </summary>
public sealed class CellSpread : ICellPolicy
{
    private const double SettingBonus = 1e-3;
    private const double LineWeight = 1e-6;

    /// <inheritdoc/>
    public string Name => "spread";

    /// <inheritdoc/>
    public double Score(GpuState gpu, PlacedSlice place) =>
        CellBestFit.Left(gpu, place) + (gpu.Setting is null ? 0 : SettingBonus)
        - (LineWeight * gpu.Layout.CostOf(place));
}
