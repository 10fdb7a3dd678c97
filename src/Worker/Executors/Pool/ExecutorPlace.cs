namespace GpuActors.Worker.Executors.Pool;

/// <summary>What an executor process opens: a device, or the part of it that its driver has cut off.</summary>
/// <param name="Device">The device.</param>
/// <param name="VisibleDevice">
/// The part, as <c>CUDA_VISIBLE_DEVICES</c> names it; null for the device. A process sees nothing else of its platform
/// then, and serves one session only.
/// </param>
internal readonly record struct ExecutorPlace(DeviceAddress Device, string? VisibleDevice = null)
{
    /// <summary>Where the process finds it: what alone is visible is the first of its platform.</summary>
    public DeviceAddress Opens => VisibleDevice is null ? Device : Device with { Index = 0 };
}
