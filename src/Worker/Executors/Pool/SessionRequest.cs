using GpuActors.Shared.Commands;
using GpuActors.Worker.Sharing;

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
/// <param name="PresentedUnits">Compute units that the session sees; 0 for those that it has.</param>
/// <param name="Claim">How it shares the device in time; null: it takes no turns.</param>
/// <param name="Slice">Name of its slice, for its figures.</param>
/// <param name="VisibleDevice">
/// The part of the device that its driver has cut off for this session, as <c>CUDA_VISIBLE_DEVICES</c> names it: it
/// gets a process of its own; null for the device.
/// </param>
/// <param name="SharesSlice">
/// Other executors serve the same attempt on the same slice: they take its turns together.
/// </param>
public sealed record SessionRequest(
    DeviceAddress Device, string Session, string Tenant, long Epoch, long? MemoryBytes, int ComputeUnits = 0,
    string DeviceName = "", bool PresentAsGpu = false, int PresentedUnits = 0, ShareClaim? Claim = null, string Slice = "",
    string? VisibleDevice = null, bool SharesSlice = false)
{
    internal ExecutorPlace Place => new(Device, VisibleDevice);

    /// <summary>
    /// The memory limit on a device with so much. A part that a driver has cut off may have a little less than its
    /// profile promises.
    /// </summary>
    internal long MemoryOn(in ExecutorReady device) => MemoryBytes switch
    {
        { } limit when VisibleDevice is not null => Math.Min(limit, (long)device.MemoryBytes),
        { } limit => limit,
        null => (long)device.MemoryBytes,
    };

    internal OpenSession ToCommand(in ExecutorReady device) => new(
        Session, Tenant, (ulong)Epoch, (ulong)MemoryOn(device), (uint)ComputeUnits, DeviceName, PresentAsGpu, (uint)PresentedUnits);
}
