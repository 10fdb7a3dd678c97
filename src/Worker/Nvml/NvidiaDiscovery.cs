namespace GpuActors.Worker.Nvml;

/// <summary>Finds the NVIDIA GPUs of this machine.</summary>
internal static class NvidiaDiscovery
{
    /// <summary>Every GPU that the process may use, in NVML's order (by PCI address).</summary>
    /// <exception cref="NvmlException">A call failed that works on every GPU.</exception>
    public static IReadOnlyList<NvidiaGpu> Discover(NvmlLibrary nvml)
    {
        var driver = nvml.DriverVersion;
        return [.. Enumerable.Range(0, nvml.DeviceCount).Select(index => Describe(nvml, nvml.DeviceAt(index), driver))];
    }

    /// <summary>MIG on a GPU; null where it has none.</summary>
    public static MigState? MigOf(NvmlLibrary nvml, nint device)
    {
        if (nvml.MigModeOf(device) is not var (current, pending))
        {
            return null;
        }

        return current
            ? new MigState(current, pending, InstancesOf(nvml, device), nvml.MigDevicesOf(device))
            : new MigState(current, pending, [], []);
    }

    private static NvidiaGpu Describe(NvmlLibrary nvml, nint device, string driver) => new(
        nvml.UuidOf(device),
        nvml.NameOf(device),
        nvml.PciOf(device),
        nvml.MemoryBytesOf(device),
        nvml.ComputeCapabilityOf(device),
        driver,
        nvml.NumaNodeOf(device),
        MigOf(nvml, device));

    private static IReadOnlyList<GpuInstance>? InstancesOf(NvmlLibrary nvml, nint device)
    {
        try
        {
            return MigCard.Read(nvml, device).Instances;
        }
        catch (NvmlException e) when (e.Code == NvmlCode.NoPermission)
        {
            return null; // a plain user may know the GPU, and open its MIG devices, but not see instances
        }
    }
}
