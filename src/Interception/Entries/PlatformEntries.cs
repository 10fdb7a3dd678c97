using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about the platform and extensions.</summary>
internal static unsafe class PlatformEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.GetPlatformIDs] = (nint)(delegate* unmanaged<uint, nint*, uint*, int>)&GetPlatformIds;
        table[(int)Slot.GetPlatformInfo] =
            (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetPlatformInfo;
        table[(int)Slot.GetExtensionFunctionAddress] = (nint)(delegate* unmanaged<byte*, nint>)&GetExtension;
        table[(int)Slot.GetExtensionFunctionAddressForPlatform] =
            (nint)(delegate* unmanaged<nint, byte*, nint>)&GetExtensionForPlatform;
        table[(int)Slot.UnloadCompiler] = (nint)(delegate* unmanaged<int>)&UnloadCompiler;
        table[(int)Slot.UnloadPlatformCompiler] = (nint)(delegate* unmanaged<nint, int>)&UnloadPlatformCompiler;
    }

    /// <summary><c>clGetPlatformIDs</c>.</summary>
    public static int GiveIds(uint entries, nint* platforms, uint* count)
    {
        try
        {
            if ((platforms is null && count is null) || (platforms is not null && entries == 0))
                return OpenClErrors.InvalidValue;
            if (platforms is not null)
                *platforms = ClPlatform.Instance.Handle;
            if (count is not null)
                *count = 1;
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    /// <summary><c>clGetPlatformInfo</c>.</summary>
    public static int GiveInfo(nint platform, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            // The standard leaves it to us what a null platform means.
            if (platform != 0)
                HandleTable.Get<ClPlatform>(platform);
            return ClPlatform.Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    /// <summary><c>clGetExtensionFunctionAddress</c>: the loader itself asks by this way, too.</summary>
    public static nint FindExtension(byte* name)
    {
        string? asked = Marshal.PtrToStringUTF8((nint)name);
        return asked == "clIcdGetPlatformIDsKHR" ? (nint)(delegate* unmanaged<uint, nint*, uint*, int>)&GetPlatformIds : 0;
    }

    [UnmanagedCallersOnly]
    private static int GetPlatformIds(uint entries, nint* platforms, uint* count) => GiveIds(entries, platforms, count);

    [UnmanagedCallersOnly]
    private static int GetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* needed) =>
        GiveInfo(platform, name, size, value, needed);

    [UnmanagedCallersOnly]
    private static nint GetExtension(byte* name) => FindExtension(name);

    [UnmanagedCallersOnly]
    private static nint GetExtensionForPlatform(nint platform, byte* name) =>
        HandleTable.Find<ClPlatform>(platform) is null ? 0 : FindExtension(name);

    [UnmanagedCallersOnly]
    private static int UnloadCompiler() => OpenClErrors.Success;

    [UnmanagedCallersOnly]
    private static int UnloadPlatformCompiler(nint platform) =>
        HandleTable.Find<ClPlatform>(platform) is null ? ClCodes.InvalidPlatform : OpenClErrors.Success;
}
