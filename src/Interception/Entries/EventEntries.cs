using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about events.</summary>
internal static unsafe class EventEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.WaitForEvents] = (nint)(delegate* unmanaged<uint, nint*, int>)&WaitForEvents;
        table[(int)Slot.GetEventInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetEventInfo;
        table[(int)Slot.CreateUserEvent] = (nint)(delegate* unmanaged<nint, int*, nint>)&CreateUserEvent;
        table[(int)Slot.RetainEvent] = (nint)(delegate* unmanaged<nint, int>)&RetainEvent;
        table[(int)Slot.ReleaseEvent] = (nint)(delegate* unmanaged<nint, int>)&ReleaseEvent;
        table[(int)Slot.SetUserEventStatus] = (nint)(delegate* unmanaged<nint, int, int>)&SetUserEventStatus;
        table[(int)Slot.SetEventCallback] = (nint)(delegate* unmanaged<nint, int, nint, nint, int>)&SetEventCallback;
        table[(int)Slot.GetEventProfilingInfo] =
            (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetEventProfilingInfo;
    }

    [UnmanagedCallersOnly]
    private static int WaitForEvents(uint count, nint* events)
    {
        try
        {
            ClFailure.Unless(count > 0 && events is not null, OpenClErrors.InvalidValue);
            ClEvent[] waited = HandleTable.GetAll<ClEvent>(count, events, OpenClErrors.InvalidValue);
            foreach (ClEvent other in waited)
                ClFailure.Unless(other.Context == waited[0].Context, OpenClErrors.InvalidContext);
            ClEvent.Wait(waited);
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetEventInfo(nint handle, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClEvent>(handle).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateUserEvent(nint context, int* code)
    {
        try
        {
            return Outcome.Created(ClEvent.CreateUser(HandleTable.Get<ClContext>(context)), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int RetainEvent(nint handle) => Outcome.Retained<ClEvent>(handle);

    [UnmanagedCallersOnly]
    private static int ReleaseEvent(nint handle) => Outcome.Released<ClEvent>(handle);

    [UnmanagedCallersOnly]
    private static int SetUserEventStatus(nint handle, int status)
    {
        try
        {
            HandleTable.Get<ClEvent>(handle).SetStatus(status);
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetEventCallback(nint handle, int state, nint function, nint userData)
    {
        try
        {
            ClEvent watched = HandleTable.Get<ClEvent>(handle);
            ClFailure.Unless(function != 0 && state is >= 0 and <= ClNames.Submitted, OpenClErrors.InvalidValue);
            watched.Notify(
                state, status => ((delegate* unmanaged<nint, int, nint, void>)function)(handle, status, userData));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetEventProfilingInfo(nint handle, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClEvent>(handle).Profile(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }
}
