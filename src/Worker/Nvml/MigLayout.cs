namespace GpuActors.Worker.Nvml;

/// <summary>A slice that a GPU now has, and how to open it.</summary>
/// <param name="Slice">The slice.</param>
/// <param name="Device">Its MIG device.</param>
internal sealed record MigSliceDevice(MigSlice Slice, MigDevice Device);

/// <summary>What applying a layout did.</summary>
/// <param name="Destroyed">GPU instances taken away.</param>
/// <param name="Created">GPU instances made.</param>
/// <param name="Devices">Every slice that was wanted, in that order, with its MIG device.</param>
internal sealed record MigApplied(int Destroyed, int Created, IReadOnlyList<MigSliceDevice> Devices);

/// <summary>
/// Gives a GPU in MIG mode the layout that is wanted. Starts are always given: the driver's own choice fills low ones
/// and leaves no place for a 3g. A call that fails half-way leaves a layout that the next call completes; a call that
/// finds the layout there changes nothing. GPUs are named by UUID, since handles do not outlive a change of mode.
/// Only one caller may change a GPU at a time.
/// </summary>
internal sealed class MigLayout(NvmlLibrary nvml)
{
    /// <summary>Applies a layout; instances that are part of it already are not touched.</summary>
    /// <exception cref="MigLayoutException">
    /// MIG is off, or the card can't be cut like that: nothing has been changed. Or a step failed, for instance because
    /// a process still runs on a slice that is to go: the message says which.
    /// </exception>
    /// <exception cref="NvmlException">The GPU is not there, or can't be read.</exception>
    public MigApplied Apply(string uuid, IReadOnlyList<MigSlice> wanted)
    {
        var device = nvml.DeviceOf(uuid);
        CheckMode(uuid, device);
        var card = MigCard.Read(nvml, device);
        var steps = MigPlan.Between(card, wanted);
        for (var i = 0; i < steps.Count; i++)
        {
            try
            {
                Do(device, steps[i]);
            }
            catch (NvmlException e)
            {
                throw new MigLayoutException(
                    $"GPU {uuid}: {NameOf(card, steps[i])} failed, step {i + 1} of {steps.Count}: {e.Message}", e);
            }
        }

        return new MigApplied(
            steps.Count(step => step is MigStep.DestroyInstance),
            steps.Count(step => step is MigStep.CreateInstance),
            DevicesOf(uuid, device, wanted));
    }

    private void CheckMode(string uuid, nint device)
    {
        var reason = nvml.MigModeOf(device) switch
        {
            null => "it has no MIG",
            (Current: false, Pending: true) => "MIG is not on before the GPU, or its machine, is reset",
            (Current: false, _) => "MIG is off",
            (_, Pending: false) => "MIG goes off with the next reset",
            _ => null,
        };
        if (reason is not null)
        {
            throw new MigLayoutException($"GPU {uuid} takes no MIG layout: {reason}.");
        }
    }

    private void Do(nint device, MigStep step)
    {
        switch (step)
        {
            case MigStep.DestroyCompute(var instance, var id):
                nvml.DestroyComputeInstance(device, instance.Id, id);
                break;
            case MigStep.DestroyInstance(var instance):
                nvml.DestroyGpuInstance(device, instance.Id);
                break;
            case MigStep.CreateCompute(var instance, var slices):
                nvml.CreateWholeComputeInstance(nvml.GpuInstanceOf(device, instance.Id), slices);
                break;
            case MigStep.CreateInstance(var slice, var slices):
                nvml.CreateWholeComputeInstance(nvml.CreateGpuInstance(device, slice), slices);
                break;
            default:
                throw new InvalidOperationException($"{step} is no step.");
        }
    }

    private List<MigSliceDevice> DevicesOf(string uuid, nint device, IReadOnlyList<MigSlice> wanted)
    {
        var card = MigCard.Read(nvml, device);
        if (MigPlan.Between(card, wanted) is [var left, ..])
        {
            throw new MigLayoutException(
                $"GPU {uuid}: the driver took every step, but {NameOf(card, left)} is still to be done.");
        }

        var devices = nvml.MigDevicesOf(device);
        return
        [
            .. wanted.Select(slice => new MigSliceDevice(
                slice,
                card.Instances.First(there => there.Start == slice.Start) is var instance
                && devices.FirstOrDefault(found => found.GpuInstance == instance.Id) is { } found
                    ? found
                    : throw new MigLayoutException($"GPU {uuid}: {slice} is there, but no MIG device for it."))),
        ];
    }

    private static string NameOf(MigCard card, MigStep step) => step switch
    {
        MigStep.DestroyCompute(var there, var id) => $"destroying compute instance {id} of {card.NameOf(there)}",
        MigStep.DestroyInstance(var there) => $"destroying {card.NameOf(there)}",
        MigStep.CreateCompute(var there, _) => $"creating the compute instance of {card.NameOf(there)}",
        MigStep.CreateInstance(var slice, _) => $"creating {slice}",
        _ => $"{step}",
    };
}
