using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about command queues, and those that enqueue neither kernels nor transfers.</summary>
internal static unsafe class QueueEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.CreateCommandQueue] = (nint)(delegate* unmanaged<nint, nint, ulong, int*, nint>)&CreateQueue;
        table[(int)Slot.CreateCommandQueueWithProperties] =
            (nint)(delegate* unmanaged<nint, nint, ulong*, int*, nint>)&CreateQueueWithProperties;
        table[(int)Slot.RetainCommandQueue] = (nint)(delegate* unmanaged<nint, int>)&RetainQueue;
        table[(int)Slot.ReleaseCommandQueue] = (nint)(delegate* unmanaged<nint, int>)&ReleaseQueue;
        table[(int)Slot.GetCommandQueueInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetQueueInfo;
        table[(int)Slot.SetCommandQueueProperty] = (nint)(delegate* unmanaged<nint, ulong, uint, ulong*, int>)&SetProperty;
        table[(int)Slot.SetDefaultDeviceCommandQueue] = (nint)(delegate* unmanaged<nint, nint, nint, int>)&SetDefault;
        table[(int)Slot.Flush] = (nint)(delegate* unmanaged<nint, int>)&Flush;
        table[(int)Slot.Finish] = (nint)(delegate* unmanaged<nint, int>)&Finish;
        table[(int)Slot.EnqueueMarker] = (nint)(delegate* unmanaged<nint, nint*, int>)&EnqueueMarker;
        table[(int)Slot.EnqueueBarrier] = (nint)(delegate* unmanaged<nint, int>)&EnqueueBarrier;
        table[(int)Slot.EnqueueWaitForEvents] = (nint)(delegate* unmanaged<nint, uint, nint*, int>)&EnqueueWaitForEvents;
        table[(int)Slot.EnqueueMarkerWithWaitList] =
            (nint)(delegate* unmanaged<nint, uint, nint*, nint*, int>)&EnqueueMarkerWithWaitList;
        table[(int)Slot.EnqueueBarrierWithWaitList] =
            (nint)(delegate* unmanaged<nint, uint, nint*, nint*, int>)&EnqueueBarrierWithWaitList;
    }

    [UnmanagedCallersOnly]
    private static nint CreateQueue(nint context, nint device, ulong properties, int* code)
    {
        try
        {
            return Outcome.Created(
                ClQueue.Create(
                    HandleTable.Get<ClContext>(context), HandleTable.Get<ClDevice>(device), properties, []), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateQueueWithProperties(nint context, nint device, ulong* properties, int* code)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            ClDevice target = HandleTable.Get<ClDevice>(device);
            ulong flags = 0;
            int length = 0;
            for (; properties is not null && properties[length] != 0; length += 2)
            {
                // A size is that of a queue on the device, of which there are none.
                ClFailure.Unless(properties[length] != ClNames.QueueSize, ClCodes.InvalidQueueProperties);
                ClFailure.Unless(properties[length] == ClNames.QueueProperties, OpenClErrors.InvalidValue);
                flags = properties[length + 1];
            }
            ulong[] list = properties is null ? [] : new ReadOnlySpan<ulong>(properties, length + 1).ToArray();
            return Outcome.Created(ClQueue.Create(owner, target, flags, list), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int RetainQueue(nint queue) => Outcome.Retained<ClQueue>(queue);

    [UnmanagedCallersOnly]
    private static int ReleaseQueue(nint queue)
    {
        try
        {
            HandleTable.Find<ClQueue>(queue)?.Stream.Flush(); // the standard wants it
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
        return Outcome.Released<ClQueue>(queue);
    }

    [UnmanagedCallersOnly]
    private static int GetQueueInfo(nint queue, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClQueue>(queue).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetProperty(nint queue, ulong properties, uint enable, ulong* old)
    {
        if (HandleTable.Find<ClQueue>(queue) is null)
            return OpenClErrors.InvalidCommandQueue;
        // Gone since OpenCL 1.1.
        return (properties & ~ClNames.QueueKnown) != 0 ? OpenClErrors.InvalidValue : OpenClErrors.InvalidOperation;
    }

    [UnmanagedCallersOnly]
    private static int SetDefault(nint context, nint device, nint queue)
    {
        if (HandleTable.Find<ClContext>(context) is not { } owner)
            return OpenClErrors.InvalidContext;
        if (HandleTable.Find<ClDevice>(device) is not { } target || !owner.Devices.Contains(target))
            return OpenClErrors.InvalidDevice;
        // No device has queues of its own, whose default this would be.
        return queue != 0 && HandleTable.Find<ClQueue>(queue) is null
            ? OpenClErrors.InvalidCommandQueue
            : OpenClErrors.InvalidOperation;
    }

    [UnmanagedCallersOnly]
    private static int Flush(nint queue)
    {
        try
        {
            // The executor hands what it has to the device whenever it has taken all that was sent.
            HandleTable.Get<ClQueue>(queue).Stream.Flush();
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int Finish(nint queue)
    {
        try
        {
            HandleTable.Get<ClQueue>(queue).Finish();
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int EnqueueMarker(nint queue, nint* @event)
    {
        return @event is null ? OpenClErrors.InvalidValue : Mark(queue, 0, null, @event);
    }

    [UnmanagedCallersOnly]
    private static int EnqueueBarrier(nint queue) => Hold(queue, 0, null, null);

    [UnmanagedCallersOnly]
    private static int EnqueueWaitForEvents(nint queue, uint count, nint* events)
    {
        if (count == 0 || events is null)
            return HandleTable.Find<ClQueue>(queue) is null ? OpenClErrors.InvalidCommandQueue : OpenClErrors.InvalidValue;
        int code = Hold(queue, count, events, null);
        return code == OpenClErrors.InvalidEventWaitList ? OpenClErrors.InvalidEvent : code;
    }

    [UnmanagedCallersOnly]
    private static int EnqueueMarkerWithWaitList(nint queue, uint waits, nint* waitList, nint* @event) =>
        Mark(queue, waits, waitList, @event);

    [UnmanagedCallersOnly]
    private static int EnqueueBarrierWithWaitList(nint queue, uint waits, nint* waitList, nint* @event) =>
        Hold(queue, waits, waitList, @event);

    private static int Mark(nint queue, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            using var submission = new Submission(HandleTable.Get<ClQueue>(queue), waits, waitList, @event);
            submission.Sent(
                ClNames.CommandMarker, submission.Queue.Stream.Send(new EnqueueMarker(submission.Enqueue)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    private static int Hold(nint queue, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            using var submission = new Submission(HandleTable.Get<ClQueue>(queue), waits, waitList, @event);
            submission.Sent(
                ClNames.CommandBarrier, submission.Queue.Stream.Send(new EnqueueBarrier(submission.Enqueue)));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }
}
