using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

internal static unsafe partial class Cl
{
    [LibraryImport(Library, EntryPoint = "clCreateUserEvent")]
    internal static partial nint CreateUserEvent(nint context, int* error);

    [LibraryImport(Library, EntryPoint = "clSetUserEventStatus")]
    internal static partial int SetUserEventStatus(nint @event, int status);

    [LibraryImport(Library, EntryPoint = "clRetainEvent")]
    internal static partial int RetainEvent(nint @event);

    [LibraryImport(Library, EntryPoint = "clReleaseEvent")]
    internal static partial int ReleaseEvent(nint @event);

    [LibraryImport(Library, EntryPoint = "clGetEventInfo")]
    internal static partial int GetEventInfo(nint @event, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clGetEventProfilingInfo")]
    internal static partial int GetEventProfilingInfo(
        nint @event, uint name, nuint size, void* value, nuint* sizeNeeded);

    [LibraryImport(Library, EntryPoint = "clSetEventCallback")]
    internal static partial int SetEventCallback(
        nint @event, int status, delegate* unmanaged<nint, int, void*, void> callback, void* userData);

    [LibraryImport(Library, EntryPoint = "clWaitForEvents")]
    internal static partial int WaitForEvents(uint count, nint* events);
}
