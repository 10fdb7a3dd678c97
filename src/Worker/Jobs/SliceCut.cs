using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Jobs;

/// <summary>Has the driver cut a GPU for a slice, or make it whole again, where it does that.</summary>
/// <param name="pool">Executors, which must not have the GPU open while its mode changes.</param>
/// <param name="instances">MIG slices that the driver makes; null where there is no NVML.</param>
internal sealed class SliceCut(ExecutorPool pool, MigInstances? instances)
{
    /// <summary>
    /// The MIG instance that the slice is; null where it is none. A GPU that was cut is made whole for other slices.
    /// </summary>
    /// <exception cref="MigLayoutException">The slice is of no MIG profile that the model has.</exception>
    /// <exception cref="NvmlException">The driver refuses.</exception>
    public async Task<MigInstance?> MakeAsync(AttemptDevice device, SliceGrant slice, CancellationToken stop)
    {
        if (instances is null || device.MigGpu is not { } gpu)
        {
            return null;
        }

        if (slice.ModeOrDefault == GpuMode.Mig)
        {
            await pool.VacateAsync(device.Address, stop);
            return instances.Acquire(gpu, device.MigSliceOf(slice));
        }

        if (instances.IsCut(gpu))
        {
            await pool.VacateAsync(device.Address, stop);
            instances.Uncut(gpu);
        }

        return null;
    }
}
