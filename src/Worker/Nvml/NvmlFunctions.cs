using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuActors.Worker.Nvml;

/// <summary>
/// NVML's functions under their names without <c>nvml</c>, looked up in one loaded library: each instance has its own,
/// which <c>LibraryImport</c>, once for the whole process, could not give. A function that the library does not have
/// returns <see cref="NvmlCode.FunctionNotFound"/>.
/// </summary>
internal sealed unsafe class NvmlFunctions(nint library)
{
    internal readonly delegate* unmanaged<NvmlCode> Init =
        (delegate* unmanaged<NvmlCode>)Find(library, "nvmlInit_v2");

    internal readonly delegate* unmanaged<NvmlCode> Shutdown =
        (delegate* unmanaged<NvmlCode>)Find(library, "nvmlShutdown");

    internal readonly delegate* unmanaged<byte*, uint, NvmlCode> SystemGetDriverVersion =
        (delegate* unmanaged<byte*, uint, NvmlCode>)Find(library, "nvmlSystemGetDriverVersion");

    internal readonly delegate* unmanaged<uint*, NvmlCode> DeviceGetCount =
        (delegate* unmanaged<uint*, NvmlCode>)Find(library, "nvmlDeviceGetCount_v2");

    internal readonly delegate* unmanaged<uint, nint*, NvmlCode> DeviceGetHandleByIndex =
        (delegate* unmanaged<uint, nint*, NvmlCode>)Find(library, "nvmlDeviceGetHandleByIndex_v2");

    internal readonly delegate* unmanaged<byte*, nint*, NvmlCode> DeviceGetHandleByUuid =
        (delegate* unmanaged<byte*, nint*, NvmlCode>)Find(library, "nvmlDeviceGetHandleByUUID");

    internal readonly delegate* unmanaged<nint, byte*, uint, NvmlCode> DeviceGetName =
        (delegate* unmanaged<nint, byte*, uint, NvmlCode>)Find(library, "nvmlDeviceGetName");

    internal readonly delegate* unmanaged<nint, byte*, uint, NvmlCode> DeviceGetUuid =
        (delegate* unmanaged<nint, byte*, uint, NvmlCode>)Find(library, "nvmlDeviceGetUUID");

    internal readonly delegate* unmanaged<nint, NvmlMemory*, NvmlCode> DeviceGetMemoryInfo =
        (delegate* unmanaged<nint, NvmlMemory*, NvmlCode>)Find(library, "nvmlDeviceGetMemoryInfo");

    internal readonly delegate* unmanaged<nint, NvmlPciInfo*, NvmlCode> DeviceGetPciInfo =
        (delegate* unmanaged<nint, NvmlPciInfo*, NvmlCode>)Find(library, "nvmlDeviceGetPciInfo_v3");

    internal readonly delegate* unmanaged<nint, int*, int*, NvmlCode> DeviceGetCudaComputeCapability =
        (delegate* unmanaged<nint, int*, int*, NvmlCode>)Find(library, "nvmlDeviceGetCudaComputeCapability");

    internal readonly delegate* unmanaged<nint, uint, nuint*, uint, NvmlCode> DeviceGetMemoryAffinity =
        (delegate* unmanaged<nint, uint, nuint*, uint, NvmlCode>)Find(library, "nvmlDeviceGetMemoryAffinity");

    internal readonly delegate* unmanaged<nint, uint*, NvmlProcessInfo*, NvmlCode> DeviceGetComputeRunningProcesses =
        (delegate* unmanaged<nint, uint*, NvmlProcessInfo*, NvmlCode>)Find(
            library, "nvmlDeviceGetComputeRunningProcesses_v3");

    internal readonly delegate* unmanaged<nint, uint*, uint*, NvmlCode> DeviceGetMigMode =
        (delegate* unmanaged<nint, uint*, uint*, NvmlCode>)Find(library, "nvmlDeviceGetMigMode");

    internal readonly delegate* unmanaged<nint, uint, NvmlCode*, NvmlCode> DeviceSetMigMode =
        (delegate* unmanaged<nint, uint, NvmlCode*, NvmlCode>)Find(library, "nvmlDeviceSetMigMode");

    internal readonly delegate* unmanaged<nint, uint, NvmlGpuInstanceProfileInfo*, NvmlCode>
        DeviceGetGpuInstanceProfileInfo =
            (delegate* unmanaged<nint, uint, NvmlGpuInstanceProfileInfo*, NvmlCode>)Find(
                library, "nvmlDeviceGetGpuInstanceProfileInfo");

    internal readonly delegate* unmanaged<nint, uint, NvmlGpuInstanceProfileInfoV2*, NvmlCode>
        DeviceGetGpuInstanceProfileInfoV =
            (delegate* unmanaged<nint, uint, NvmlGpuInstanceProfileInfoV2*, NvmlCode>)Find(
                library, "nvmlDeviceGetGpuInstanceProfileInfoV");

    internal readonly delegate* unmanaged<nint, uint, NvmlPlacement*, uint*, NvmlCode>
        DeviceGetGpuInstancePossiblePlacements =
            (delegate* unmanaged<nint, uint, NvmlPlacement*, uint*, NvmlCode>)Find(
                library, "nvmlDeviceGetGpuInstancePossiblePlacements_v2");

    internal readonly delegate* unmanaged<nint, uint, NvmlPlacement*, nint*, NvmlCode>
        DeviceCreateGpuInstanceWithPlacement =
            (delegate* unmanaged<nint, uint, NvmlPlacement*, nint*, NvmlCode>)Find(
                library, "nvmlDeviceCreateGpuInstanceWithPlacement");

    internal readonly delegate* unmanaged<nint, NvmlCode> GpuInstanceDestroy =
        (delegate* unmanaged<nint, NvmlCode>)Find(library, "nvmlGpuInstanceDestroy");

    internal readonly delegate* unmanaged<nint, uint, nint*, uint*, NvmlCode> DeviceGetGpuInstances =
        (delegate* unmanaged<nint, uint, nint*, uint*, NvmlCode>)Find(library, "nvmlDeviceGetGpuInstances");

    internal readonly delegate* unmanaged<nint, uint, nint*, NvmlCode> DeviceGetGpuInstanceById =
        (delegate* unmanaged<nint, uint, nint*, NvmlCode>)Find(library, "nvmlDeviceGetGpuInstanceById");

    internal readonly delegate* unmanaged<nint, NvmlGpuInstanceInfo*, NvmlCode> GpuInstanceGetInfo =
        (delegate* unmanaged<nint, NvmlGpuInstanceInfo*, NvmlCode>)Find(library, "nvmlGpuInstanceGetInfo");

    internal readonly delegate* unmanaged<nint, uint, uint, NvmlComputeInstanceProfileInfo*, NvmlCode>
        GpuInstanceGetComputeInstanceProfileInfo =
            (delegate* unmanaged<nint, uint, uint, NvmlComputeInstanceProfileInfo*, NvmlCode>)Find(
                library, "nvmlGpuInstanceGetComputeInstanceProfileInfo");

    internal readonly delegate* unmanaged<nint, uint, nint*, NvmlCode> GpuInstanceCreateComputeInstance =
        (delegate* unmanaged<nint, uint, nint*, NvmlCode>)Find(library, "nvmlGpuInstanceCreateComputeInstance");

    internal readonly delegate* unmanaged<nint, NvmlCode> ComputeInstanceDestroy =
        (delegate* unmanaged<nint, NvmlCode>)Find(library, "nvmlComputeInstanceDestroy");

    internal readonly delegate* unmanaged<nint, uint, nint*, uint*, NvmlCode> GpuInstanceGetComputeInstances =
        (delegate* unmanaged<nint, uint, nint*, uint*, NvmlCode>)Find(library, "nvmlGpuInstanceGetComputeInstances");

    internal readonly delegate* unmanaged<nint, uint, nint*, NvmlCode> GpuInstanceGetComputeInstanceById =
        (delegate* unmanaged<nint, uint, nint*, NvmlCode>)Find(library, "nvmlGpuInstanceGetComputeInstanceById");

    internal readonly delegate* unmanaged<nint, NvmlComputeInstanceInfo*, NvmlCode> ComputeInstanceGetInfo =
        (delegate* unmanaged<nint, NvmlComputeInstanceInfo*, NvmlCode>)Find(
            library, "nvmlComputeInstanceGetInfo_v2");

    internal readonly delegate* unmanaged<nint, uint*, NvmlCode> DeviceGetMaxMigDeviceCount =
        (delegate* unmanaged<nint, uint*, NvmlCode>)Find(library, "nvmlDeviceGetMaxMigDeviceCount");

    internal readonly delegate* unmanaged<nint, uint, nint*, NvmlCode> DeviceGetMigDeviceHandleByIndex =
        (delegate* unmanaged<nint, uint, nint*, NvmlCode>)Find(library, "nvmlDeviceGetMigDeviceHandleByIndex");

    internal readonly delegate* unmanaged<nint, uint*, NvmlCode> DeviceGetGpuInstanceId =
        (delegate* unmanaged<nint, uint*, NvmlCode>)Find(library, "nvmlDeviceGetGpuInstanceId");

    internal readonly delegate* unmanaged<nint, uint*, NvmlCode> DeviceGetComputeInstanceId =
        (delegate* unmanaged<nint, uint*, NvmlCode>)Find(library, "nvmlDeviceGetComputeInstanceId");

    private readonly nint _errorString =
        NativeLibrary.TryGetExport(library, "nvmlErrorString", out var found) ? found : 0;

    /// <summary>What the library says of a code.</summary>
    internal string ErrorString(NvmlCode code) =>
        (_errorString == 0 ? null : Marshal.PtrToStringUTF8(((delegate* unmanaged<NvmlCode, nint>)_errorString)(code)))
        ?? "error";

    private static void* Find(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out var function)
            ? (void*)function
            : (delegate* unmanaged[Cdecl]<NvmlCode>)&Missing;

    // Called with whatever arguments the missing function has: in C's calling convention on Linux the caller places and
    // removes them, and this one does not look at them.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NvmlCode Missing() => NvmlCode.FunctionNotFound;
}
