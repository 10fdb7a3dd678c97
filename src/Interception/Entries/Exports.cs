using System.Runtime.InteropServices;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>What the loader finds by name (<c>cl_khr_icd</c>); everything else it finds through the dispatch table.</summary>
internal static unsafe class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "clIcdGetPlatformIDsKHR")]
    internal static int IcdGetPlatformIds(uint entries, nint* platforms, uint* count) =>
        PlatformEntries.GiveIds(entries, platforms, count);

    [UnmanagedCallersOnly(EntryPoint = "clGetPlatformInfo")]
    internal static int GetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* needed) =>
        PlatformEntries.GiveInfo(platform, name, size, value, needed);

    [UnmanagedCallersOnly(EntryPoint = "clGetExtensionFunctionAddress")]
    internal static nint GetExtensionFunctionAddress(byte* name) => PlatformEntries.FindExtension(name);
}
