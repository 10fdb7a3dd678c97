using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>
/// Entry points that map and unmap. A map is a read into the object's shadow, an unmap writes back what was mapped for
/// writing.
/// </summary>
internal static unsafe class MapEntries
{
    private const ulong Writing = MemoryNames.MapWrite | MemoryNames.MapInvalidate;

    public static void Fill(nint* table)
    {
        table[(int)Slot.EnqueueMapBuffer] =
            (nint)(delegate* unmanaged<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, nint>)&MapBuffer;
        table[(int)Slot.EnqueueMapImage] =
            (nint)(delegate* unmanaged<nint, nint, uint, ulong, nuint*, nuint*, nuint*, nuint*, uint, nint*, nint*, int*,
                nint>)&MapImage;
        table[(int)Slot.EnqueueUnmapMemObject] = (nint)(delegate* unmanaged<nint, nint, nint, uint, nint*, nint*, int>)&Unmap;
    }

    [UnmanagedCallersOnly]
    private static nint MapBuffer(
        nint queue, nint buffer, uint isBlocking, ulong flags, nuint offset, nuint size, uint waits, nint* waitList,
        nint* @event, int* code)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer mapped = HandleTable.Get<ClBuffer>(buffer);
            mapped.CheckUse(target);
            CheckFlags(mapped, flags);
            mapped.CheckRange(offset, size);
            using var submission = new Submission(target, waits, waitList, @event, UsesOf(mapped, flags));
            byte* pointer = mapped.Shadow + offset;
            var mapping = new Mapping(
                (nint)pointer, (flags & Writing) != 0, new WorkSize(offset, 0, 0), new WorkSize(size));
            var transfer = new Transfer(
                submission, isBlocking != 0, MemoryNames.CommandMapBuffer,
                (flags & MemoryNames.MapInvalidate) != 0 ? 0 : size);
            if ((flags & MemoryNames.MapInvalidate) != 0)
            {
                Open(mapped, mapping, transfer);
            }
            else
            {
                Fetch(
                    mapped, mapping, transfer, isBlocking != 0, 1,
                    (_, isUnattended) => new ReadReply(pointer, size) { IsUnattended = isUnattended },
                    (int _, in Enqueue enqueue, Reply? reply) => target.Stream.Send(
                        new ReadBuffer(enqueue, mapped.Id, offset, size, TransferPurpose.Map), reply));
            }
            Outcome.Give(code, OpenClErrors.Success);
            return mapping.Pointer;
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint MapImage(
        nint queue, nint image, uint isBlocking, ulong flags, nuint* origin, nuint* region, nuint* rowPitch,
        nuint* slicePitch, uint waits, nint* waitList, nint* @event, int* code)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClImage mapped = HandleTable.Get<ClImage>(image);
            mapped.CheckQueue(target);
            CheckFlags(mapped, flags);
            ClFailure.Unless(
                rowPitch is not null && (slicePitch is not null || !mapped.HasSlices), OpenClErrors.InvalidValue);
            WorkSize first = Sizes.Read(origin);
            WorkSize pixels = Sizes.Read(region);
            mapped.CheckRegion(first, pixels);
            using var submission = new Submission(target, waits, waitList, @event, UsesOf(mapped, flags));
            HostRegion shadow = mapped.ShadowRegion(first, pixels);
            var mapping = new Mapping((nint)shadow.Start, (flags & Writing) != 0, first, pixels);
            var transfer = new Transfer(
                submission, isBlocking != 0, MemoryNames.CommandMapImage,
                (flags & MemoryNames.MapInvalidate) != 0 ? 0 : shadow.Bytes);
            if ((flags & MemoryNames.MapInvalidate) != 0)
            {
                Open(mapped, mapping, transfer);
            }
            else
            {
                List<Box> parts = Box.Split(shadow.RowBytes, shadow.Rows, shadow.Slices);
                Fetch(
                    mapped, mapping, transfer, isBlocking != 0, parts.Count,
                    (part, isUnattended) => new RegionReply(shadow.Part(parts[part])) { IsUnattended = isUnattended },
                    (int part, in Enqueue enqueue, Reply? reply) => target.Stream.Send(
                        new ReadImage(
                            enqueue, mapped.Id, Sizes.Add(first, mapped.OriginOf(parts[part])),
                            mapped.RegionOf(parts[part]), TransferPurpose.Map),
                        reply));
            }
            *rowPitch = (nuint)mapped.Pitches.Row;
            if (slicePitch is not null)
                *slicePitch = (nuint)mapped.Pitches.Slice;
            Outcome.Give(code, OpenClErrors.Success);
            return mapping.Pointer;
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int Unmap(nint queue, nint memory, nint pointer, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClMemory mapped = HandleTable.Get<ClMemory>(memory);
            mapped.CheckQueue(target);
            Mapping mapping = mapped.FindMapping(pointer);
            using Submission submission = mapping.HasChanges
                ? new Submission(target, waits, waitList, @event, MemoryUse.Write(mapped, mapping.IsWhole(mapped)))
                : new Submission(target, waits, waitList, @event);
            mapped.Remove(mapping);
            var transfer = new Transfer(
                submission, false, MemoryNames.CommandUnmap, mapping.HasChanges ? mapping.BytesIn(mapped) : 0);
            if (mapping.HasChanges)
                WriteBack(target, mapped, mapping, transfer);
            else if (@event is not null || waits > 0)
                transfer.Write(0, (int _, in Enqueue _, Reply? _) => 0);
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    /// <summary>What the program does not want to see is not brought to the slice, either.</summary>
    private static ReadOnlySpan<MemoryUse> UsesOf(ClMemory memory, ulong flags) =>
        (flags & MemoryNames.MapInvalidate) != 0 || !memory.Context.IsShared ? [] : new[] { MemoryUse.Read(memory) };

    private static void CheckFlags(ClMemory memory, ulong flags)
    {
        const ulong plain = MemoryNames.MapRead | MemoryNames.MapWrite;
        ClFailure.Unless(
            (flags & ~(plain | MemoryNames.MapInvalidate)) == 0
            && ((flags & MemoryNames.MapInvalidate) == 0 || (flags & plain) == 0),
            OpenClErrors.InvalidValue);
        if ((flags & MemoryNames.MapRead) != 0)
            memory.CheckHostReads();
        if ((flags & Writing) != 0)
            memory.CheckHostWrites();
    }

    /// <summary>The program will write all of it: nothing to fetch.</summary>
    private static void Open(ClMemory memory, Mapping mapping, Transfer transfer)
    {
        transfer.Write(0, (int _, in Enqueue _, Reply? _) => 0);
        memory.Add(mapping);
    }

    private static void Fetch(
        ClMemory memory, Mapping mapping, Transfer transfer, bool isBlocking, int parts,
        Func<int, bool, Reply> makeReply, SendPart send)
    {
        memory.Hold(); // the shadow stays until the data have come, even if the program releases the object
        try
        {
            Reply content = transfer.Read(parts, makeReply, send);
            mapping.Content = content;
            memory.Add(mapping);
            if (!isBlocking)
                memory.HoldUntil(content);
        }
        finally
        {
            memory.Drop();
        }
    }

    private static void WriteBack(ClQueue queue, ClMemory memory, Mapping mapping, Transfer transfer)
    {
        if (memory is ClImage image)
        {
            HostRegion shadow = image.ShadowRegion(mapping.Origin, mapping.Region);
            List<Box> parts = Box.Split(shadow.RowBytes, shadow.Rows, shadow.Slices);
            transfer.Write(parts.Count, (int part, in Enqueue enqueue, Reply? reply) =>
            {
                HostRegion data = shadow.Part(parts[part]);
                return queue.Stream.Send(
                    new WriteImage(
                        enqueue, image.Id, Sizes.Add(mapping.Origin, image.OriginOf(parts[part])),
                        image.RegionOf(parts[part]), data.Bytes, TransferPurpose.Unmap),
                    new RegionData(data), reply);
            });
            return;
        }
        ulong bytes = mapping.Region.X;
        transfer.Write(1, (int _, in Enqueue enqueue, Reply? reply) => queue.Stream.Send(
            new WriteBuffer(enqueue, memory.Id, mapping.Origin.X, bytes, TransferPurpose.Unmap),
            new PlainData((void*)mapping.Pointer, bytes), reply));
    }
}
