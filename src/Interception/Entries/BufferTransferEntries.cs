using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points that read and write buffers.</summary>
internal static unsafe class BufferTransferEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.EnqueueReadBuffer] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)&Read;
        table[(int)Slot.EnqueueWriteBuffer] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)&Write;
        table[(int)Slot.EnqueueReadBufferRect] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, nuint, nuint, nuint, nuint, void*, uint,
                nint*, nint*, int>)&ReadRect;
        table[(int)Slot.EnqueueWriteBufferRect] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, nuint, nuint, nuint, nuint, void*, uint,
                nint*, nint*, int>)&WriteRect;
    }

    [UnmanagedCallersOnly]
    private static int Read(
        nint queue, nint buffer, uint isBlocking, nuint offset, nuint size, void* pointer, uint waits, nint* waitList,
        nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer source = HandleTable.Get<ClBuffer>(buffer);
            source.CheckUse(target);
            ClFailure.Unless(pointer is not null, OpenClErrors.InvalidValue);
            source.CheckRange(offset, size);
            source.CheckHostReads();
            using var submission = new Submission(target, waits, waitList, @event, MemoryUse.Read(source));
            new Transfer(submission, isBlocking != 0, MemoryNames.CommandReadBuffer, size) { Host = new HostRange(pointer, size) }.Read(
                1,
                (_, isUnattended) => new ReadReply((byte*)pointer, size) { IsUnattended = isUnattended },
                (int _, in Enqueue enqueue, Reply? reply) =>
                    target.Stream.Send(new ReadBuffer(enqueue, source.Id, offset, size), reply));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int Write(
        nint queue, nint buffer, uint isBlocking, nuint offset, nuint size, void* pointer, uint waits, nint* waitList,
        nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer destination = HandleTable.Get<ClBuffer>(buffer);
            destination.CheckUse(target);
            ClFailure.Unless(pointer is not null, OpenClErrors.InvalidValue);
            destination.CheckRange(offset, size);
            destination.CheckHostWrites();
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Write(destination, size == destination.Size));
            new Transfer(submission, isBlocking != 0, MemoryNames.CommandWriteBuffer, size) { Host = new HostRange(pointer, size) }.Write(
                1,
                (int _, in Enqueue enqueue, Reply? reply) => target.Stream.Send(
                    new WriteBuffer(enqueue, destination.Id, offset, size), new PlainData(pointer, size), reply));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int ReadRect(
        nint queue, nint buffer, uint isBlocking, nuint* origin, nuint* hostOrigin, nuint* region, nuint rowPitch,
        nuint slicePitch, nuint hostRowPitch, nuint hostSlicePitch, void* pointer, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer source = HandleTable.Get<ClBuffer>(buffer);
            source.CheckUse(target);
            ClFailure.Unless(pointer is not null, OpenClErrors.InvalidValue);
            BufferRect from = BufferRect.Of(Sizes.Read(origin), Sizes.Read(region), rowPitch, slicePitch);
            from.CheckWithin(source.Size);
            HostRegion host =
                BufferRect.Of(Sizes.Read(hostOrigin), from.Region, hostRowPitch, hostSlicePitch).In(pointer);
            source.CheckHostReads();
            List<Box> parts = Box.Split(from.Region.X, from.Region.Y, from.Region.Z);
            using var submission = new Submission(target, waits, waitList, @event, MemoryUse.Read(source));
            new Transfer(submission, isBlocking != 0, MemoryNames.CommandReadBufferRect, host.Bytes) { Host = host.Range }.Read(
                parts.Count,
                (part, isUnattended) => new RegionReply(host.Part(parts[part])) { IsUnattended = isUnattended },
                (int part, in Enqueue enqueue, Reply? reply) => target.Stream.Send(
                    new ReadBufferRect(enqueue, source.Id, from.PartOnWire(parts[part]), SizeOf(parts[part])), reply));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int WriteRect(
        nint queue, nint buffer, uint isBlocking, nuint* origin, nuint* hostOrigin, nuint* region, nuint rowPitch,
        nuint slicePitch, nuint hostRowPitch, nuint hostSlicePitch, void* pointer, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClBuffer destination = HandleTable.Get<ClBuffer>(buffer);
            destination.CheckUse(target);
            ClFailure.Unless(pointer is not null, OpenClErrors.InvalidValue);
            BufferRect into = BufferRect.Of(Sizes.Read(origin), Sizes.Read(region), rowPitch, slicePitch);
            into.CheckWithin(destination.Size);
            HostRegion host =
                BufferRect.Of(Sizes.Read(hostOrigin), into.Region, hostRowPitch, hostSlicePitch).In(pointer);
            destination.CheckHostWrites();
            List<Box> parts = Box.Split(into.Region.X, into.Region.Y, into.Region.Z);
            using var submission = new Submission(target, waits, waitList, @event, MemoryUse.Write(destination));
            new Transfer(submission, isBlocking != 0, MemoryNames.CommandWriteBufferRect, host.Bytes) { Host = host.Range }.Write(
                parts.Count,
                (int part, in Enqueue enqueue, Reply? reply) =>
                {
                    HostRegion data = host.Part(parts[part]);
                    return target.Stream.Send(
                        new WriteBufferRect(
                            enqueue, destination.Id, into.PartOnWire(parts[part]), SizeOf(parts[part]), data.Bytes),
                        new RegionData(data), reply);
                });
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    private static WorkSize SizeOf(in Box box) => new(box.RowBytes, box.Rows, box.Slices);
}
