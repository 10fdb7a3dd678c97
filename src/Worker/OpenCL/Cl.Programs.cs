using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

internal static unsafe partial class Cl
{
    [LibraryImport(Library, EntryPoint = "clCreateProgramWithSource")]
    internal static partial nint CreateProgramWithSource(
        nint context, uint count, byte** sources, nuint* lengths, int* error);

    [LibraryImport(Library, EntryPoint = "clCreateProgramWithBinary")]
    internal static partial nint CreateProgramWithBinary(
        nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* status, int* error);

    [LibraryImport(Library, EntryPoint = "clBuildProgram")]
    internal static partial int BuildProgram(
        nint program, uint deviceCount, nint* devices, byte* options,
        delegate* unmanaged<nint, void*, void> callback, void* userData);

    [LibraryImport(Library, EntryPoint = "clCompileProgram")]
    internal static partial int CompileProgram(
        nint program, uint deviceCount, nint* devices, byte* options, uint headerCount, nint* headers,
        byte** headerNames, delegate* unmanaged<nint, void*, void> callback, void* userData);

    [LibraryImport(Library, EntryPoint = "clLinkProgram")]
    internal static partial nint LinkProgram(
        nint context, uint deviceCount, nint* devices, byte* options, uint programCount, nint* programs,
        delegate* unmanaged<nint, void*, void> callback, void* userData, int* error);

    [LibraryImport(Library, EntryPoint = "clRetainProgram")]
    internal static partial int RetainProgram(nint program);

    [LibraryImport(Library, EntryPoint = "clReleaseProgram")]
    internal static partial int ReleaseProgram(nint program);

    [LibraryImport(Library, EntryPoint = "clGetProgramInfo")]
    internal static partial int GetProgramInfo(nint program, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetProgramBuildInfo")]
    internal static partial int GetProgramBuildInfo(
        nint program, nint device, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clCreateKernel")]
    internal static partial nint CreateKernel(nint program, byte* name, int* error);

    [LibraryImport(Library, EntryPoint = "clReleaseKernel")]
    internal static partial int ReleaseKernel(nint kernel);

    [LibraryImport(Library, EntryPoint = "clSetKernelArg")]
    internal static partial int SetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(Library, EntryPoint = "clGetKernelInfo")]
    internal static partial int GetKernelInfo(nint kernel, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetKernelArgInfo")]
    internal static partial int GetKernelArgInfo(
        nint kernel, uint index, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetKernelWorkGroupInfo")]
    internal static partial int GetKernelWorkGroupInfo(
        nint kernel, nint device, uint name, nuint size, void* value, nuint* sizeNeeded);
}
