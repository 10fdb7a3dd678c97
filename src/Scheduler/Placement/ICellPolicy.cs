using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Says how much it likes a place on a device. A policy is pure: the same device and place always give the same score.
/// </summary>
public interface ICellPolicy
{
    /// <summary>The name that configuration and reports use.</summary>
    string Name { get; }

    /// <summary>Higher is better; ties go to the device that comes first.</summary>
    /// <param name="gpu">The device.</param>
    /// <param name="place">Where and as what its layout would take the slice.</param>
    double Score(GpuState gpu, PlacedSlice place);
}
