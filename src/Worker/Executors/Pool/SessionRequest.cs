using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>A session that wants an executor.</summary>
/// <param name="Device">The device.</param>
/// <param name="Session">Session id, <c>TENANT/NAME</c>.</param>
/// <param name="Tenant">Whose it is; an executor never serves two.</param>
/// <param name="Epoch">Attempt of the session.</param>
/// <param name="MemoryBytes">Device memory of the slice; null for all that the device has.</param>
/// <param name="ComputeUnits">Compute units of the slice; 0 for all that the device has.</param>
/// <param name="DeviceName">Name that the session sees; empty for the device's own.</param>
/// <param name="PresentAsGpu">The session sees a GPU whatever the device is.</param>
public sealed record SessionRequest(
    DeviceAddress Device, string Session, string Tenant, long Epoch, long? MemoryBytes, int ComputeUnits = 0,
    string DeviceName = "", bool PresentAsGpu = false)
{
    /// <summary>The memory limit on a device with so much.</summary>
    internal long MemoryOn(in ExecutorReady device) => MemoryBytes ?? (long)device.MemoryBytes;

    internal OpenSession ToCommand(in ExecutorReady device) => new(
        Session, Tenant, (ulong)Epoch, (ulong)MemoryOn(device), (uint)ComputeUnits, DeviceName, PresentAsGpu);
}
