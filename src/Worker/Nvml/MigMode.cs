namespace GpuActors.Worker.Nvml;

/// <summary>How far a change of MIG mode has come.</summary>
internal enum MigModeChange
{
    /// <summary>The GPU was in that mode.</summary>
    Unchanged,

    /// <summary>The GPU is in that mode now.</summary>
    Changed,

    /// <summary>It will be after a reset of the GPU or, where that is not possible, of the machine.</summary>
    ResetPending,

    /// <summary>It will be when nobody uses the GPU any more and the call is repeated, or after a reset.</summary>
    InUse,
}

/// <summary>Switches MIG on and off.</summary>
internal sealed class MigMode(NvmlLibrary nvml)
{
    /// <summary>Switches; a GPU that is not empty is left as it is.</summary>
    /// <exception cref="MigLayoutException">The GPU has no MIG, has instances, or processes compute on it.</exception>
    /// <exception cref="NvmlException">The GPU is not there, or the process may not change its mode.</exception>
    public MigModeChange Set(string uuid, bool enabled)
    {
        var device = nvml.DeviceOf(uuid);
        var (current, pending) = nvml.MigModeOf(device) ?? throw new MigLayoutException($"GPU {uuid} has no MIG.");
        if (current == enabled && pending == enabled)
        {
            return MigModeChange.Unchanged;
        }

        CheckEmpty(uuid, device, current);
        var activation = nvml.SetMigMode(device, enabled);
        return activation switch
        {
            NvmlCode.ResetRequired => MigModeChange.ResetPending,
            NvmlCode.InUse => MigModeChange.InUse,
            NvmlCode.Success => nvml.MigModeOf(nvml.DeviceOf(uuid)) is var (now, _) && now == enabled
                ? MigModeChange.Changed
                : MigModeChange.ResetPending,
            _ => throw new MigLayoutException($"GPU {uuid}: MIG mode could not be activated: error {(int)activation}."),
        };
    }

    /// <summary>Switches, and takes nothing less than the GPU being in that mode for an answer.</summary>
    /// <exception cref="MigLayoutException">As <see cref="Set"/>; or the change waits, and for what.</exception>
    /// <exception cref="NvmlException">The GPU is not there, or the process may not change its mode.</exception>
    public void SetNow(string uuid, bool enabled)
    {
        var reason = Set(uuid, enabled) switch
        {
            MigModeChange.InUse => "a process uses the GPU; stop it (monitoring too) and try again",
            MigModeChange.ResetPending => "it will be when the GPU, or its machine, is reset",
            _ => null,
        };
        if (reason is not null)
        {
            throw new MigLayoutException($"MIG is not {(enabled ? "on" : "off")} yet on GPU {uuid}: {reason}.");
        }
    }

    private void CheckEmpty(string uuid, nint device, bool isMig)
    {
        if (nvml.ProcessesOn(device) is { Count: > 0 } processes)
        {
            throw new MigLayoutException(
                $"GPU {uuid} is not empty: process {string.Join(", ", processes)} computes on it; its mode stays.");
        }

        if (isMig && MigCard.Read(nvml, device).Instances is { Count: > 0 } instances)
        {
            throw new MigLayoutException(
                $"GPU {uuid} is not empty: it has {instances.Count} GPU instances; apply an empty layout first.");
        }
    }
}
