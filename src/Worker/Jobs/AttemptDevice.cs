using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Jobs;

/// <summary>Where attempts on one of the host's GPUs run, and what they see.</summary>
/// <param name="Address">The OpenCL device.</param>
/// <param name="PresentedName">Name that jobs see; empty for the device's own.</param>
/// <param name="PresentAsGpu">Jobs see a GPU whatever the device is.</param>
public sealed record AttemptDevice(DeviceAddress Address, string PresentedName = "", bool PresentAsGpu = false);
