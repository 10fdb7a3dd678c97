using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Jobs;

/// <summary>Where attempts on one of the host's GPUs run, and what they see.</summary>
/// <param name="Address">The OpenCL device.</param>
/// <param name="Model">Its model, or the one that it presents as.</param>
/// <param name="PresentedName">Name that jobs see; empty for the device's own.</param>
/// <param name="PresentAsGpu">Jobs see a GPU with the model's memory and compute units, whatever the device is.</param>
/// <param name="ComputeUnits">Compute units of the device itself.</param>
/// <param name="CanPartition">It can be parted by compute units.</param>
/// <param name="Policy">How those share it that take turns.</param>
public sealed record AttemptDevice(
    DeviceAddress Address,
    GpuModel Model,
    string PresentedName = "",
    bool PresentAsGpu = false,
    int ComputeUnits = 1,
    bool CanPartition = false,
    SharePolicy Policy = SharePolicy.BestEffort)
{
    /// <summary>What an attempt asks of the executor pool for its slice.</summary>
    internal SessionRequest Request(StartAttempt attempt, SliceGrant slice) => new(
        Address,
        attempt.Session,
        attempt.Tenant,
        attempt.Epoch,
        slice.Whole && !PresentAsGpu ? null : slice.MemoryBytes,
        UnitsOf(slice),
        PresentedName,
        PresentAsGpu,
        PresentAsGpu ? UnitsSeenIn(slice) : 0,
        ShareClaim.Of(slice, Model, Policy, CanPartition),
        slice.Name);

    /// <summary>
    /// The device's own units for the part of the model's that the slice has, at least one; 0 for all. A device that
    /// presents as a larger one has fewer.
    /// </summary>
    private int UnitsOf(SliceGrant slice)
    {
        if (slice.ComputeUnits == 0 || !CanPartition)
        {
            return 0;
        }

        var part = (double)slice.ComputeUnits / (Model.ComputeUnits ?? ComputeUnits);
        return Math.Clamp((int)Math.Round(part * ComputeUnits), 1, ComputeUnits);
    }

    private int UnitsSeenIn(SliceGrant slice) => slice.ComputeUnits > 0 ? slice.ComputeUnits : Model.ComputeUnits ?? 0;
}
