using System.Runtime.InteropServices;

namespace GpuActors.Worker.Nvml;

// The structures of nvml.h that are used, field by field; sequential layout is C's on Linux x64 and arm64.

/// <summary><c>nvmlPciInfo_t</c>, 68 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NvmlPciInfo
{
    public fixed byte BusIdLegacy[16];
    public uint Domain;
    public uint Bus;
    public uint Device;
    public uint PciDeviceId;
    public uint PciSubSystemId;
    public fixed byte BusId[32];
}

/// <summary><c>nvmlMemory_t</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlMemory
{
    public ulong Total;
    public ulong Free;
    public ulong Used;
}

/// <summary><c>nvmlProcessInfo_t</c> of the calls that end in <c>_v3</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlProcessInfo
{
    public uint Pid;
    public ulong UsedGpuMemory;
    public uint GpuInstanceId;
    public uint ComputeInstanceId;
}

/// <summary><c>nvmlGpuInstancePlacement_t</c> and <c>nvmlComputeInstancePlacement_t</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlPlacement
{
    public uint Start;
    public uint Size;
}

/// <summary><c>nvmlGpuInstanceProfileInfo_t</c>, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlGpuInstanceProfileInfo
{
    public uint Id;
    public uint IsP2pSupported;
    public uint SliceCount;
    public uint InstanceCount;
    public uint MultiprocessorCount;
    public uint CopyEngineCount;
    public uint DecoderCount;
    public uint EncoderCount;
    public uint JpegCount;
    public uint OfaCount;
    public ulong MemorySizeMb;
}

/// <summary><c>nvmlGpuInstanceProfileInfo_v2_t</c>, 152 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NvmlGpuInstanceProfileInfoV2
{
    /// <summary>Size of the name, with its terminating zero.</summary>
    public const int NameBytes = 96;

    public uint Version;
    public uint Id;
    public uint IsP2pSupported;
    public uint SliceCount;
    public uint InstanceCount;
    public uint MultiprocessorCount;
    public uint CopyEngineCount;
    public uint DecoderCount;
    public uint EncoderCount;
    public uint JpegCount;
    public uint OfaCount;
    public ulong MemorySizeMb;
    public fixed byte Name[NameBytes];

    /// <summary>What <see cref="Version"/> must be: the structure's size, and its number in the highest byte.</summary>
    public static uint CurrentVersion => (uint)sizeof(NvmlGpuInstanceProfileInfoV2) | (2u << 24);
}

/// <summary><c>nvmlGpuInstanceInfo_t</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlGpuInstanceInfo
{
    public nint Device;
    public uint Id;
    public uint ProfileId;
    public NvmlPlacement Placement;
}

/// <summary><c>nvmlComputeInstanceProfileInfo_t</c>, 36 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlComputeInstanceProfileInfo
{
    public uint Id;
    public uint SliceCount;
    public uint InstanceCount;
    public uint MultiprocessorCount;
    public uint SharedCopyEngineCount;
    public uint SharedDecoderCount;
    public uint SharedEncoderCount;
    public uint SharedJpegCount;
    public uint SharedOfaCount;
}

/// <summary><c>nvmlComputeInstanceInfo_t</c>, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlComputeInstanceInfo
{
    public nint Device;
    public nint GpuInstance;
    public uint Id;
    public uint ProfileId;
    public NvmlPlacement Placement;
}
