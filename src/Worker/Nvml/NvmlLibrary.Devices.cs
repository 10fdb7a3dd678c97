using System.Numerics;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Nvml;

internal sealed unsafe partial class NvmlLibrary
{
    private const int NumaNodesMax = 1024;
    private const uint AffinityScopeNode = 0;

    private const int ProcessesAtFirst = 64;
    private const int ProcessesMax = 4096;

    /// <summary>Marketing name: <c>NVIDIA A100-SXM4-40GB</c>.</summary>
    public string NameOf(nint device) => Text(_functions.DeviceGetName, device, "nvmlDeviceGetName");

    /// <summary><c>GPU-…</c>, or <c>MIG-…</c> of a MIG device: the card's own, the same after a reboot.</summary>
    public string UuidOf(nint device) => Text(_functions.DeviceGetUuid, device, "nvmlDeviceGetUUID");

    /// <summary>All of its memory, that of the driver included.</summary>
    public long MemoryBytesOf(nint device)
    {
        NvmlMemory memory;
        Check(_functions.DeviceGetMemoryInfo(device, &memory), "nvmlDeviceGetMemoryInfo");
        return (long)memory.Total;
    }

    /// <summary>Where it sits on the PCI bus; NVML knows functions 0 only.</summary>
    public PciAddress PciOf(nint device)
    {
        NvmlPciInfo pci;
        Check(_functions.DeviceGetPciInfo(device, &pci), "nvmlDeviceGetPciInfo_v3");
        return new PciAddress(pci.Domain, pci.Bus, pci.Device, 0);
    }

    /// <summary>CUDA compute capability.</summary>
    public Version ComputeCapabilityOf(nint device)
    {
        int major, minor;
        Check(
            _functions.DeviceGetCudaComputeCapability(device, &major, &minor), "nvmlDeviceGetCudaComputeCapability");
        return new Version(major, minor);
    }

    /// <summary>
    /// The NUMA node that it is attached to; null where the driver does not tell. <c>nvmlDeviceGetNumaNodeId</c> is
    /// something else: the node that the memory of a GPU on a coherent link itself is.
    /// </summary>
    public int? NumaNodeOf(nint device)
    {
        var words = stackalloc nuint[NumaNodesMax / (8 * sizeof(nuint))];
        const int count = NumaNodesMax / 64;
        if (_functions.DeviceGetMemoryAffinity(device, count, words, AffinityScopeNode) != NvmlCode.Success)
        {
            return null;
        }

        for (var word = 0; word < count; word++)
        {
            if (words[word] != 0)
            {
                return (word * 64) + BitOperations.TrailingZeroCount(words[word]);
            }
        }

        return null;
    }

    /// <summary>Processes that compute on it; those that the caller may not see are missing.</summary>
    public IReadOnlyList<int> ProcessesOn(nint device)
    {
        const string call = "nvmlDeviceGetComputeRunningProcesses_v3";
        var infos = new NvmlProcessInfo[ProcessesAtFirst];
        while (true)
        {
            var count = (uint)infos.Length;
            NvmlCode code;
            fixed (NvmlProcessInfo* pointer = infos)
            {
                code = _functions.DeviceGetComputeRunningProcesses(device, &count, pointer);
            }

            switch (code)
            {
                case NvmlCode.Success:
                    return [.. infos.Take((int)count).Select(info => (int)info.Pid)];
                case NvmlCode.NotSupported or NvmlCode.FunctionNotFound or NvmlCode.NoPermission:
                    return [];
                case NvmlCode.InsufficientSize when infos.Length < ProcessesMax:
                    infos = new NvmlProcessInfo[infos.Length * 2]; // others may have started since it was counted
                    break;
                default:
                    Check(code, call);
                    break;
            }
        }
    }
}
