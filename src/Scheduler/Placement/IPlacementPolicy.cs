using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Says how much it likes a device for a request that fits there. A policy is pure: the same device and request always
/// give the same score.
/// </summary>
public interface IPlacementPolicy
{
    /// <summary>The name that configuration and reports use.</summary>
    string Name { get; }

    /// <summary>Higher is better; ties go to the device that comes first.</summary>
    double Score(GpuState gpu, GpuRequest request);
}
