using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Nvml;

/// <summary>
/// What NVML knows of the devices that OpenCL has found: compute capability, NUMA node, MIG. A host without NVIDIA's
/// library or driver has none of it, and that is no error.
/// </summary>
/// <param name="gpus">The NVIDIA GPUs of the host.</param>
/// <param name="unavailable">Why NVML is not used; empty if it is.</param>
public sealed class NvidiaDevices(IReadOnlyList<NvidiaGpu> gpus, string unavailable = "")
{
    /// <summary>The NVIDIA GPUs of the host.</summary>
    public IReadOnlyList<NvidiaGpu> Gpus { get; } = gpus;

    /// <summary>Why NVML is not used, for the log; empty if it is.</summary>
    public string Unavailable { get; } = unavailable;

    /// <summary>Those of this host.</summary>
    /// <param name="library">NVML's path; null: <see cref="NvmlLibrary.PathVariable"/>, or else the system's.</param>
    /// <exception cref="NvmlUnavailableException">A path was given and that library can't be used.</exception>
    public static NvidiaDevices OfThisHost(string? library = null)
    {
        using var nvml = NvmlLibrary.TryOpen(library, out var reason);
        try
        {
            return nvml is null ? new NvidiaDevices([], reason) : new NvidiaDevices(NvidiaDiscovery.Discover(nvml));
        }
        catch (NvmlException e)
        {
            return new NvidiaDevices([], e.Message); // a card that is lost must not take the host's others with it
        }
    }

    /// <summary>
    /// The GPU that an OpenCL device is on: the card at the same PCI address, whichever function. A device of NVIDIA's
    /// that does not tell its address is the only GPU of its name, if there is only one. Null: none.
    /// </summary>
    public NvidiaGpu? Describe(OpenClDevice device)
    {
        if (device.Pci is { } address)
        {
            return Gpus.FirstOrDefault(gpu => gpu.Pci.IsSameCard(address));
        }

        if (!device.Vendor.Contains("NVIDIA", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return Gpus.Where(gpu => gpu.Name.Equals(device.Name, StringComparison.OrdinalIgnoreCase)).Take(2).ToArray()
            is [var only] ? only : null;
    }
}
