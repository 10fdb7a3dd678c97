using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

internal static unsafe partial class Cl
{
    [LibraryImport(Library, EntryPoint = "clCreateBuffer")]
    internal static partial nint CreateBuffer(nint context, ulong flags, nuint size, void* hostPointer, int* error);

    [LibraryImport(Library, EntryPoint = "clCreateSubBuffer")]
    internal static partial nint CreateSubBuffer(
        nint buffer, ulong flags, uint createType, nuint* region, int* error);

    [LibraryImport(Library, EntryPoint = "clCreateImage")]
    internal static partial nint CreateImage(
        nint context, ulong flags, ClImageFormat* format, ClImageDescription* description, void* hostPointer,
        int* error);

    [LibraryImport(Library, EntryPoint = "clReleaseMemObject")]
    internal static partial int ReleaseMemObject(nint memory);

    [LibraryImport(Library, EntryPoint = "clGetMemObjectInfo")]
    internal static partial int GetMemObjectInfo(nint memory, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetImageInfo")]
    internal static partial int GetImageInfo(nint image, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clSetMemObjectDestructorCallback")]
    internal static partial int SetMemObjectDestructorCallback(
        nint memory, delegate* unmanaged<nint, void*, void> callback, void* userData);

    [LibraryImport(Library, EntryPoint = "clCreateSamplerWithProperties")]
    internal static partial nint CreateSamplerWithProperties(nint context, ulong* properties, int* error);

    [LibraryImport(Library, EntryPoint = "clReleaseSampler")]
    internal static partial int ReleaseSampler(nint sampler);

    [LibraryImport(Library, EntryPoint = "clGetSamplerInfo")]
    internal static partial int GetSamplerInfo(nint sampler, uint name, nuint size, void* value, nuint* sizeNeeded);
}
