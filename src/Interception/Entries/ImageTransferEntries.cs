using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points that read and write images.</summary>
internal static unsafe class ImageTransferEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.EnqueueReadImage] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint, nuint, void*, uint, nint*, nint*, int>)
            &Read;
        table[(int)Slot.EnqueueWriteImage] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint, nuint, void*, uint, nint*, nint*, int>)
            &Write;
    }

    [UnmanagedCallersOnly]
    private static int Read(
        nint queue, nint image, uint isBlocking, nuint* origin, nuint* region, nuint rowPitch, nuint slicePitch,
        void* pointer, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClImage source = HandleTable.Get<ClImage>(image);
            WorkSize first = Check(target, source, origin, pointer);
            HostRegion host = HostRegionOf(source, first, region, rowPitch, slicePitch, pointer);
            source.CheckHostReads();
            List<Box> parts = Box.Split(host.RowBytes, host.Rows, host.Slices);
            using var submission = new Submission(target, waits, waitList, @event, MemoryUse.Read(source));
            new Transfer(submission, isBlocking != 0, MemoryNames.CommandReadImage, host.Bytes) { Host = host.Range }.Read(
                parts.Count,
                (part, isUnattended) => new RegionReply(host.Part(parts[part])) { IsUnattended = isUnattended },
                (int part, in Enqueue enqueue, Reply? reply) => target.Stream.Send(
                    new ReadImage(
                        enqueue, source.Id, Sizes.Add(first, source.OriginOf(parts[part])), source.RegionOf(parts[part])),
                    reply));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int Write(
        nint queue, nint image, uint isBlocking, nuint* origin, nuint* region, nuint rowPitch, nuint slicePitch,
        void* pointer, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            ClQueue target = HandleTable.Get<ClQueue>(queue);
            ClImage destination = HandleTable.Get<ClImage>(image);
            WorkSize first = Check(target, destination, origin, pointer);
            HostRegion host = HostRegionOf(destination, first, region, rowPitch, slicePitch, pointer);
            destination.CheckHostWrites();
            List<Box> parts = Box.Split(host.RowBytes, host.Rows, host.Slices);
            using var submission = new Submission(
                target, waits, waitList, @event, MemoryUse.Write(destination, host.Bytes == destination.Size));
            new Transfer(submission, isBlocking != 0, MemoryNames.CommandWriteImage, host.Bytes) { Host = host.Range }.Write(
                parts.Count,
                (int part, in Enqueue enqueue, Reply? reply) =>
                {
                    HostRegion data = host.Part(parts[part]);
                    return target.Stream.Send(
                        new WriteImage(
                            enqueue, destination.Id, Sizes.Add(first, destination.OriginOf(parts[part])),
                            destination.RegionOf(parts[part]), data.Bytes),
                        new RegionData(data), reply);
                });
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    private static WorkSize Check(ClQueue queue, ClImage image, nuint* origin, void* pointer)
    {
        image.CheckQueue(queue);
        ClFailure.Unless(pointer is not null, OpenClErrors.InvalidValue);
        return Sizes.Read(origin);
    }

    private static HostRegion HostRegionOf(
        ClImage image, WorkSize origin, nuint* region, nuint rowPitch, nuint slicePitch, void* pointer)
    {
        WorkSize pixels = Sizes.Read(region);
        image.CheckRegion(origin, pixels);
        ImagePitches pitches = ImagePitches.Of(image.Type, pixels, image.PixelBytes, rowPitch, slicePitch)
            ?? throw new ClFailure(OpenClErrors.InvalidValue);
        return pitches.Region(pointer, pixels, image.PixelBytes);
    }
}
