using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What must be free of a device at least, for it to serve any part of a request.</summary>
/// <param name="MemoryBytes">Memory in bytes.</param>
/// <param name="ComputePercent">Compute in percent; 100 where the device must be empty.</param>
public readonly record struct DeviceNeed(long MemoryBytes, int ComputePercent)
{
    /// <summary>So much is free of the device; whether that serves the request is not said.</summary>
    public bool IsMetBy(FreedGpu gpu) =>
        MemoryBytes <= gpu.MemoryFree && ComputePercent <= (gpu.IsEmpty ? 100 : gpu.ComputeFree);
}
