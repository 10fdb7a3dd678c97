using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

internal static unsafe partial class Cl
{
    [LibraryImport(Library, EntryPoint = "clEnqueueNDRangeKernel")]
    internal static partial int EnqueueNDRangeKernel(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waitCount,
        nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueReadBuffer")]
    internal static partial int EnqueueReadBuffer(
        nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* pointer, uint waitCount,
        nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueMapBuffer")]
    internal static partial void* EnqueueMapBuffer(
        nint queue, nint buffer, uint blocking, ulong flags, nuint offset, nuint size, uint waitCount, nint* waits,
        nint* @event, int* code);

    [LibraryImport(Library, EntryPoint = "clEnqueueUnmapMemObject")]
    internal static partial int EnqueueUnmapMemObject(
        nint queue, nint memory, void* mapped, uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueWriteBuffer")]
    internal static partial int EnqueueWriteBuffer(
        nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* pointer, uint waitCount,
        nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueReadBufferRect")]
    internal static partial int EnqueueReadBufferRect(
        nint queue, nint buffer, uint blocking, nuint* bufferOrigin, nuint* hostOrigin, nuint* region,
        nuint bufferRowPitch, nuint bufferSlicePitch, nuint hostRowPitch, nuint hostSlicePitch, void* pointer,
        uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueWriteBufferRect")]
    internal static partial int EnqueueWriteBufferRect(
        nint queue, nint buffer, uint blocking, nuint* bufferOrigin, nuint* hostOrigin, nuint* region,
        nuint bufferRowPitch, nuint bufferSlicePitch, nuint hostRowPitch, nuint hostSlicePitch, void* pointer,
        uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueCopyBuffer")]
    internal static partial int EnqueueCopyBuffer(
        nint queue, nint source, nint destination, nuint sourceOffset, nuint destinationOffset, nuint size,
        uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueCopyBufferRect")]
    internal static partial int EnqueueCopyBufferRect(
        nint queue, nint source, nint destination, nuint* sourceOrigin, nuint* destinationOrigin, nuint* region,
        nuint sourceRowPitch, nuint sourceSlicePitch, nuint destinationRowPitch, nuint destinationSlicePitch,
        uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueFillBuffer")]
    internal static partial int EnqueueFillBuffer(
        nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size, uint waitCount,
        nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueReadImage")]
    internal static partial int EnqueueReadImage(
        nint queue, nint image, uint blocking, nuint* origin, nuint* region, nuint rowPitch, nuint slicePitch,
        void* pointer, uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueWriteImage")]
    internal static partial int EnqueueWriteImage(
        nint queue, nint image, uint blocking, nuint* origin, nuint* region, nuint rowPitch, nuint slicePitch,
        void* pointer, uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueCopyImage")]
    internal static partial int EnqueueCopyImage(
        nint queue, nint source, nint destination, nuint* sourceOrigin, nuint* destinationOrigin, nuint* region,
        uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueFillImage")]
    internal static partial int EnqueueFillImage(
        nint queue, nint image, void* color, nuint* origin, nuint* region, uint waitCount, nint* waits,
        nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueCopyImageToBuffer")]
    internal static partial int EnqueueCopyImageToBuffer(
        nint queue, nint image, nint buffer, nuint* origin, nuint* region, nuint bufferOffset, uint waitCount,
        nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueCopyBufferToImage")]
    internal static partial int EnqueueCopyBufferToImage(
        nint queue, nint buffer, nint image, nuint bufferOffset, nuint* origin, nuint* region, uint waitCount,
        nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueMigrateMemObjects")]
    internal static partial int EnqueueMigrateMemObjects(
        nint queue, uint count, nint* objects, ulong flags, uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueMarkerWithWaitList")]
    internal static partial int EnqueueMarkerWithWaitList(nint queue, uint waitCount, nint* waits, nint* @event);

    [LibraryImport(Library, EntryPoint = "clEnqueueBarrierWithWaitList")]
    internal static partial int EnqueueBarrierWithWaitList(nint queue, uint waitCount, nint* waits, nint* @event);
}
