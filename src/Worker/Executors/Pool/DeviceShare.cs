using GpuActors.Shared.Devices;
using GpuActors.Worker.Sharing;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>What the executors on one device have in common: the bell that they ring, and the arbiter that hears it.</summary>
internal sealed class DeviceShare : IDisposable
{
    private readonly ShareBell _bell;

    public DeviceShare(
        string folder, DeviceAddress device, TimeSliceSettings settings, TimeProvider time, ILogger logger)
    {
        BellPath = Path.Combine(folder, $"bell-{device.Platform}-{device.Index}");
        _bell = ShareBell.Create(BellPath);
        Arbiter = new DeviceArbiter(_bell, settings, time, logger);
    }

    /// <summary>The bell's file.</summary>
    public string BellPath { get; }

    public DeviceArbiter Arbiter { get; }

    public void Dispose()
    {
        Arbiter.Dispose();
        _bell.Dispose();
    }
}
