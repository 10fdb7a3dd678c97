using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Nvml;
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
/// <param name="MigGpu">UUID of the GPU if its driver makes its MIG slices; null: executors do.</param>
public sealed record AttemptDevice(
    DeviceAddress Address,
    GpuModel Model,
    string PresentedName = "",
    bool PresentAsGpu = false,
    int ComputeUnits = 1,
    bool CanPartition = false,
    SharePolicy Policy = SharePolicy.BestEffort,
    string? MigGpu = null)
{
    /// <summary>What an attempt asks of the executor pool for its slice.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="slice">Its slice.</param>
    /// <param name="instance">
    /// The MIG instance that the slice is, which has compute units of its own; null where there is none.
    /// </param>
    internal SessionRequest Request(StartAttempt attempt, SliceGrant slice, MigInstance? instance = null) => new(
        Address,
        attempt.Session,
        attempt.Tenant,
        attempt.Epoch,
        slice.Whole && !PresentAsGpu ? null : slice.MemoryBytes,
        instance is null ? UnitsOf(slice) : 0,
        PresentedName,
        PresentAsGpu,
        PresentAsGpu ? UnitsSeenIn(slice) : 0,
        instance is null ? ShareClaim.Of(slice, Model, Policy, CanPartition) : null,
        slice.Name,
        instance?.VisibleDevice);

    /// <summary>The MIG slice that the driver is to make.</summary>
    /// <exception cref="MigLayoutException">The slice is of no MIG profile that the model has.</exception>
    internal MigSlice MigSliceOf(SliceGrant slice) =>
        slice.Profile is { } name && Model.FindProfile(name) is { Kind: SliceKind.Mig } profile
            ? MigSlice.Of(profile, slice.Start)
            : throw new MigLayoutException($"{Model.Name} has no MIG profile '{slice.Profile}'.");

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
