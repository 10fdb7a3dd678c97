using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

/// <summary>
/// The entry points of OpenCL 3.0 that the executor uses, under the standard's names without <c>cl</c>. Handles are
/// plain pointers: whoever creates one releases it, and the session is that whoever
/// for everything a session makes.
/// </summary>
internal static unsafe partial class Cl
{
    /// <summary>The ICD loader's library; Debian package ocl-icd-libopencl1.</summary>
    internal const string Library = "libOpenCL.so.1";

    [LibraryImport(Library, EntryPoint = "clGetPlatformIDs")]
    internal static partial int GetPlatformIDs(uint entries, nint* platforms, uint* count);

    [LibraryImport(Library, EntryPoint = "clGetPlatformInfo")]
    internal static partial int GetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetDeviceIDs")]
    internal static partial int GetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count);

    [LibraryImport(Library, EntryPoint = "clGetDeviceInfo")]
    internal static partial int GetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clCreateSubDevices")]
    internal static partial int CreateSubDevices(
        nint device, nint* properties, uint entries, nint* devices, uint* count);

    [LibraryImport(Library, EntryPoint = "clReleaseDevice")]
    internal static partial int ReleaseDevice(nint device);

    [LibraryImport(Library, EntryPoint = "clCreateContext")]
    internal static partial nint CreateContext(
        nint* properties, uint deviceCount, nint* devices,
        delegate* unmanaged<byte*, void*, nuint, void*, void> notify, void* userData, int* error);

    [LibraryImport(Library, EntryPoint = "clReleaseContext")]
    internal static partial int ReleaseContext(nint context);

    [LibraryImport(Library, EntryPoint = "clGetContextInfo")]
    internal static partial int GetContextInfo(nint context, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetSupportedImageFormats")]
    internal static partial int GetSupportedImageFormats(
        nint context, ulong flags, uint type, uint entries, ClImageFormat* formats, uint* count);

    [LibraryImport(Library, EntryPoint = "clCreateCommandQueueWithProperties")]
    internal static partial nint CreateCommandQueueWithProperties(
        nint context, nint device, ulong* properties, int* error);

    [LibraryImport(Library, EntryPoint = "clReleaseCommandQueue")]
    internal static partial int ReleaseCommandQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "clGetCommandQueueInfo")]
    internal static partial int GetCommandQueueInfo(
        nint queue, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clFlush")]
    internal static partial int Flush(nint queue);

    [LibraryImport(Library, EntryPoint = "clFinish")]
    internal static partial int Finish(nint queue);
}
