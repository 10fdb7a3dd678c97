using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors;

/// <summary>What a session may use of its device.</summary>
/// <param name="MemoryBytes">Device memory that it may have allocated at one time.</param>
/// <param name="ComputeUnits">Compute units; 0 for all. A device that cannot be partitioned gives all.</param>
/// <param name="DeviceName">Name that the session sees; empty for the device's own.</param>
/// <param name="PresentAsGpu">Whether the session sees a GPU whatever the device is.</param>
public sealed record ExecutorLimits(
    ulong MemoryBytes, uint ComputeUnits = 0, string DeviceName = "", bool PresentAsGpu = false);

/// <summary>The session that an executor is wanted for.</summary>
/// <param name="Session">Session id, <c>TENANT/NAME</c>.</param>
/// <param name="Tenant">Whose it is: an executor that has served a tenant never serves another.</param>
/// <param name="Epoch">Attempt of the session.</param>
/// <param name="Limits">The slice.</param>
public sealed record SessionRequest(string Session, string Tenant, ulong Epoch, ExecutorLimits Limits)
{
    internal OpenSession ToCommand() => new(
        Session, Tenant, Epoch, Limits.MemoryBytes, Limits.ComputeUnits, Limits.DeviceName, Limits.PresentAsGpu);
}
