using System.Numerics;
using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points that fill, copy and move memory within the device.</summary>
internal static unsafe class CopyEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.EnqueueCopyBuffer] =
            (nint)(delegate* unmanaged<nint, nint, nint, nuint, nuint, nuint, uint, nint*, nint*, int>)&CopyBuffer;
        table[(int)Slot.EnqueueCopyBufferRect] =
            (nint)(delegate* unmanaged<nint, nint, nint, nuint*, nuint*, nuint*, nuint, nuint, nuint, nuint, uint, nint*,
                nint*, int>)&CopyRect;
        table[(int)Slot.EnqueueCopyImage] =
            (nint)(delegate* unmanaged<nint, nint, nint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)&CopyImage;
        table[(int)Slot.EnqueueCopyImageToBuffer] =
            (nint)(delegate* unmanaged<nint, nint, nint, nuint*, nuint*, nuint, uint, nint*, nint*, int>)&CopyImageToBuffer;
        table[(int)Slot.EnqueueCopyBufferToImage] =
            (nint)(delegate* unmanaged<nint, nint, nint, nuint, nuint*, nuint*, uint, nint*, nint*, int>)&CopyBufferToImage;
        table[(int)Slot.EnqueueFillBuffer] =
            (nint)(delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int>)&FillBuffer;
        table[(int)Slot.EnqueueFillImage] =
            (nint)(delegate* unmanaged<nint, nint, void*, nuint*, nuint*, uint, nint*, nint*, int>)&FillImage;
        table[(int)Slot.EnqueueMigrateMemObjects] =
            (nint)(delegate* unmanaged<nint, uint, nint*, ulong, uint, nint*, nint*, int>)&Migrate;
    }

    [UnmanagedCallersOnly]
    private static int CopyBuffer(
        nint queue, nint source, nint destination, nuint sourceOffset, nuint destinationOffset, nuint size, uint waits,
        nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer from = HandleTable.Get<ClBuffer>(source);
            ClBuffer into = HandleTable.Get<ClBuffer>(destination);
            from.CheckUse(target);
            into.CheckUse(target);
            from.CheckRange(sourceOffset, size);
            into.CheckRange(destinationOffset, size);
            ulong first = from.Offset + sourceOffset;
            ulong second = into.Offset + destinationOffset;
            ClFailure.Unless(
                from.Root != into.Root || first >= second + size || second >= first + size, MemoryNames.MemCopyOverlap);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Read(from), MemoryUse.Write(into, size == into.Size));
            submission.Sent(
                MemoryNames.CommandCopyBuffer,
                target.Stream.Send(new CopyBuffer(
                    submission.Enqueue, from.Id, into.Id, sourceOffset, destinationOffset, size)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int CopyRect(
        nint queue, nint source, nint destination, nuint* sourceOrigin, nuint* destinationOrigin, nuint* region,
        nuint sourceRowPitch, nuint sourceSlicePitch, nuint destinationRowPitch, nuint destinationSlicePitch, uint waits,
        nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer from = HandleTable.Get<ClBuffer>(source);
            ClBuffer into = HandleTable.Get<ClBuffer>(destination);
            from.CheckUse(target);
            into.CheckUse(target);
            WorkSize bytes = Sizes.Read(region);
            BufferRect read = BufferRect.Of(Sizes.Read(sourceOrigin), bytes, sourceRowPitch, sourceSlicePitch);
            BufferRect written =
                BufferRect.Of(Sizes.Read(destinationOrigin), bytes, destinationRowPitch, destinationSlicePitch);
            read.CheckWithin(from.Size);
            written.CheckWithin(into.Size);
            CheckOverlap(from, into, read, written);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Read(from), MemoryUse.Write(into));
            submission.Sent(
                MemoryNames.CommandCopyBufferRect,
                target.Stream.Send(new CopyBufferRect(
                    submission.Enqueue, from.Id, into.Id, read.OnWire, written.OnWire, bytes)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int CopyImage(
        nint queue, nint source, nint destination, nuint* sourceOrigin, nuint* destinationOrigin, nuint* region,
        uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClImage from = HandleTable.Get<ClImage>(source);
            ClImage into = HandleTable.Get<ClImage>(destination);
            from.CheckQueue(target);
            into.CheckQueue(target);
            ClFailure.Unless(from.Format == into.Format, MemoryNames.ImageFormatMismatch);
            WorkSize pixels = Sizes.Read(region);
            WorkSize first = Sizes.Read(sourceOrigin);
            WorkSize second = Sizes.Read(destinationOrigin);
            from.CheckRegion(first, pixels);
            into.CheckRegion(second, pixels);
            ClFailure.Unless(from != into || !Sizes.Overlap(first, second, pixels), MemoryNames.MemCopyOverlap);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Read(from), MemoryUse.Write(into, pixels == into.Extent));
            submission.Sent(
                MemoryNames.CommandCopyImage,
                target.Stream.Send(new CopyImage(submission.Enqueue, from.Id, into.Id, first, second, pixels)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int CopyImageToBuffer(
        nint queue, nint source, nint destination, nuint* origin, nuint* region, nuint offset, uint waits, nint* waitList,
        nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClImage from = HandleTable.Get<ClImage>(source);
            ClBuffer into = HandleTable.Get<ClBuffer>(destination);
            (WorkSize first, WorkSize pixels) = Check(target, from, into, origin, region, offset);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Read(from), MemoryUse.Write(into));
            submission.Sent(
                MemoryNames.CommandCopyImageToBuffer,
                target.Stream.Send(new CopyImageToBuffer(submission.Enqueue, from.Id, into.Id, first, pixels, offset)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int CopyBufferToImage(
        nint queue, nint source, nint destination, nuint offset, nuint* origin, nuint* region, uint waits, nint* waitList,
        nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer from = HandleTable.Get<ClBuffer>(source);
            ClImage into = HandleTable.Get<ClImage>(destination);
            (WorkSize first, WorkSize pixels) = Check(target, into, from, origin, region, offset);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Read(from), MemoryUse.Write(into, pixels == into.Extent));
            submission.Sent(
                MemoryNames.CommandCopyBufferToImage,
                target.Stream.Send(new CopyBufferToImage(submission.Enqueue, from.Id, into.Id, offset, first, pixels)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int FillBuffer(
        nint queue, nint buffer, void* pattern, nuint patternBytes, nuint offset, nuint size, uint waits, nint* waitList,
        nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer filled = HandleTable.Get<ClBuffer>(buffer);
            filled.CheckUse(target);
            ClFailure.Unless(
                pattern is not null && BitOperations.IsPow2(patternBytes)
                && patternBytes <= ProtocolLimits.MaxPatternBytes && offset % patternBytes == 0 && size % patternBytes == 0,
                OpenClErrors.InvalidValue);
            filled.CheckRange(offset, size);
            byte[] copied = new ReadOnlySpan<byte>(pattern, (int)patternBytes).ToArray();
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Write(filled, size == filled.Size));
            submission.Sent(
                MemoryNames.CommandFillBuffer,
                target.Stream.Send(new FillBuffer(submission.Enqueue, filled.Id, offset, size, copied)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int FillImage(
        nint queue, nint image, void* color, nuint* origin, nuint* region, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClImage filled = HandleTable.Get<ClImage>(image);
            filled.CheckQueue(target);
            ClFailure.Unless(color is not null, OpenClErrors.InvalidValue);
            WorkSize first = Sizes.Read(origin);
            WorkSize pixels = Sizes.Read(region);
            filled.CheckRegion(first, pixels);
            byte[] copied = ColorOf(filled, color);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Write(filled, pixels == filled.Extent));
            submission.Sent(
                MemoryNames.CommandFillImage,
                target.Stream.Send(new FillImage(submission.Enqueue, filled.Id, copied, first, pixels)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int Migrate(
        nint queue, uint count, nint* objects, ulong flags, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClFailure.Unless(
                count > 0 && objects is not null && (flags & ~MemoryNames.MigrateKnown) == 0, OpenClErrors.InvalidValue);
            ClMemory[] moved = HandleTable.GetAll<ClMemory>(count, objects, OpenClErrors.InvalidValue);
            foreach (ClMemory memory in moved)
                memory.CheckQueue(target);
            using var submission = new Submission(target, waits, waitList, @event, UsesOf(target, moved, flags));
            ulong[] ids = Array.ConvertAll(moved, memory => memory.Id);
            submission.Sent(
                MemoryNames.CommandMigrate,
                target.Stream.Send(new Migrate(submission.Enqueue, (MigrateFlags)flags, ids)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    /// <summary>With undefined content nothing has to be moved.</summary>
    private static MemoryUse[] UsesOf(ClQueue queue, ClMemory[] moved, ulong flags)
    {
        if (!queue.Context.IsShared)
            return [];
        return (flags & MemoryNames.MigrateContentUndefined) != 0
            ? Array.ConvertAll(moved, memory => MemoryUse.Write(memory, isWhole: true))
            : Array.ConvertAll(moved, MemoryUse.Read);
    }

    private static void CheckOverlap(ClBuffer from, ClBuffer into, in BufferRect read, in BufferRect written)
    {
        if (from.Root != into.Root)
            return;
        bool sharePitches = read.RowPitch == written.RowPitch && read.SlicePitch == written.SlicePitch;
        ClFailure.Unless(sharePitches || from != into, OpenClErrors.InvalidValue);
        ClFailure.Unless(!sharePitches || !read.Overlaps(written, from.Offset, into.Offset), MemoryNames.MemCopyOverlap);
    }

    private static (WorkSize Origin, WorkSize Region) Check(
        ClQueue queue, ClImage image, ClBuffer buffer, nuint* origin, nuint* region, ulong offset)
    {
        image.CheckQueue(queue);
        buffer.CheckUse(queue);
        WorkSize first = Sizes.Read(origin);
        WorkSize pixels = Sizes.Read(region);
        image.CheckRegion(first, pixels);
        buffer.CheckRange(offset, (pixels.Product ?? 0) * image.PixelBytes);
        return (first, pixels);
    }

    /// <summary>Four numbers; of a depth image, one: there is no more to read.</summary>
    private static byte[] ColorOf(ClImage image, void* color)
    {
        var copied = new byte[Shared.Commands.FillImage.ColorBytes];
        int given = image.Format.Order == (uint)ChannelOrder.Depth ? sizeof(float) : copied.Length;
        new ReadOnlySpan<byte>(color, given).CopyTo(copied);
        return copied;
    }
}
