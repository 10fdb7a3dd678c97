using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>Commands that move data within the device, and those that only order others.</summary>
internal sealed unsafe partial class Session
{
    private int Copy(in CopyBuffer command, QueueObject queue, uint waits, nint* waitList, nint* handle) =>
        Cl.EnqueueCopyBuffer(
            queue.Handle, Buffer(command.Source).Handle, Buffer(command.Destination).Handle,
            (nuint)command.SourceOffset, (nuint)command.DestinationOffset, (nuint)command.SizeBytes, waits, waitList,
            handle);

    private int Fill(in FillBuffer command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        fixed (byte* pattern = command.Pattern.Span)
        {
            return Cl.EnqueueFillBuffer(
                queue.Handle, Buffer(command.Buffer).Handle, pattern, (nuint)command.Pattern.Length,
                (nuint)command.Offset, (nuint)command.SizeBytes, waits, waitList, handle);
        }
    }

    private int Copy(in CopyBufferRect command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        nuint* sizes = stackalloc nuint[9];
        Spread(command.SourceLayout.Origin, sizes);
        Spread(command.DestinationLayout.Origin, sizes + 3);
        Spread(command.Region, sizes + 6);
        return Cl.EnqueueCopyBufferRect(
            queue.Handle, Buffer(command.Source).Handle, Buffer(command.Destination).Handle, sizes, sizes + 3,
            sizes + 6, (nuint)command.SourceLayout.RowPitch, (nuint)command.SourceLayout.SlicePitch,
            (nuint)command.DestinationLayout.RowPitch, (nuint)command.DestinationLayout.SlicePitch, waits, waitList,
            handle);
    }

    private int Copy(in CopyImage command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        nuint* sizes = stackalloc nuint[9];
        Spread(command.SourceOrigin, sizes);
        Spread(command.DestinationOrigin, sizes + 3);
        Spread(command.Region, sizes + 6);
        return Cl.EnqueueCopyImage(
            queue.Handle, Image(command.Source).Handle, Image(command.Destination).Handle, sizes, sizes + 3, sizes + 6,
            waits, waitList, handle);
    }

    private int Fill(in FillImage command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        nuint* sizes = stackalloc nuint[6];
        Spread(command.Origin, sizes);
        Spread(command.Region, sizes + 3);
        byte* color = stackalloc byte[FillImage.ColorBytes];
        command.Color.Span.CopyTo(new Span<byte>(color, FillImage.ColorBytes));
        return Cl.EnqueueFillImage(
            queue.Handle, Image(command.Image).Handle, color, sizes, sizes + 3, waits, waitList, handle);
    }

    private int Copy(in CopyImageToBuffer command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        nuint* sizes = stackalloc nuint[6];
        Spread(command.Origin, sizes);
        Spread(command.Region, sizes + 3);
        return Cl.EnqueueCopyImageToBuffer(
            queue.Handle, Image(command.Image).Handle, Buffer(command.Buffer).Handle, sizes, sizes + 3,
            (nuint)command.BufferOffset, waits, waitList, handle);
    }

    private int Copy(in CopyBufferToImage command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        nuint* sizes = stackalloc nuint[6];
        Spread(command.Origin, sizes);
        Spread(command.Region, sizes + 3);
        return Cl.EnqueueCopyBufferToImage(
            queue.Handle, Buffer(command.Buffer).Handle, Image(command.Image).Handle, (nuint)command.BufferOffset,
            sizes, sizes + 3, waits, waitList, handle);
    }

    private int Move(in Migrate command, QueueObject queue, uint waits, nint* waitList, nint* handle)
    {
        nint[] objects = [.. command.Objects.ToArray().Select(id => Memory(id).Handle)];
        fixed (nint* pointer = objects)
        {
            return Cl.EnqueueMigrateMemObjects(
                queue.Handle, (uint)objects.Length, pointer, (ulong)command.Flags, waits, waitList, handle);
        }
    }

    private static int Mark(in EnqueueMarker command, QueueObject queue, uint waits, nint* waitList, nint* handle) =>
        Cl.EnqueueMarkerWithWaitList(queue.Handle, waits, waitList, handle);

    private static int Hold(in EnqueueBarrier command, QueueObject queue, uint waits, nint* waitList, nint* handle) =>
        Cl.EnqueueBarrierWithWaitList(queue.Handle, waits, waitList, handle);
}
