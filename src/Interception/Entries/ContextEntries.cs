using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about contexts.</summary>
internal static unsafe class ContextEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.CreateContext] = (nint)(delegate* unmanaged<nint*, uint, nint*, nint, nint, int*, nint>)&CreateContext;
        table[(int)Slot.CreateContextFromType] =
            (nint)(delegate* unmanaged<nint*, ulong, nint, nint, int*, nint>)&CreateContextFromType;
        table[(int)Slot.RetainContext] = (nint)(delegate* unmanaged<nint, int>)&RetainContext;
        table[(int)Slot.ReleaseContext] = (nint)(delegate* unmanaged<nint, int>)&ReleaseContext;
        table[(int)Slot.GetContextInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetContextInfo;
        table[(int)Slot.SetContextDestructorCallback] =
            (nint)(delegate* unmanaged<nint, nint, nint, int>)&SetContextDestructorCallback;
    }

    [UnmanagedCallersOnly]
    private static nint CreateContext(
        nint* properties, uint count, nint* devices, nint notify, nint userData, int* code)
    {
        try
        {
            ClFailure.Unless(count > 0 && devices is not null, OpenClErrors.InvalidValue);
            ClFailure.Unless(notify != 0 || userData == 0, OpenClErrors.InvalidValue);
            nint[] list = ReadProperties(properties);
            ClDevice[] members = HandleTable.GetAll<ClDevice>(count, devices, OpenClErrors.InvalidValue);
            return Outcome.Created(Make(members, list, notify, userData), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateContextFromType(nint* properties, ulong type, nint notify, nint userData, int* code)
    {
        try
        {
            ClFailure.Unless(notify != 0 || userData == 0, OpenClErrors.InvalidValue);
            nint[] list = ReadProperties(properties);
            ClDevice[] devices = DeviceEntries.OfType(type);
            ClFailure.Unless(devices.Length > 0, OpenClErrors.DeviceNotFound);
            return Outcome.Created(Make(devices, list, notify, userData), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int RetainContext(nint context) => Outcome.Retained<ClContext>(context);

    [UnmanagedCallersOnly]
    private static int ReleaseContext(nint context) => Outcome.Released<ClContext>(context);

    [UnmanagedCallersOnly]
    private static int GetContextInfo(nint context, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClContext>(context).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetContextDestructorCallback(nint context, nint function, nint userData)
    {
        try
        {
            ClContext found = HandleTable.Get<ClContext>(context);
            if (function == 0)
                return OpenClErrors.InvalidValue;
            found.Destructors.Add(function, userData);
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    private static ClContext Make(ClDevice[] devices, nint[] properties, nint notify, nint userData)
    {
        ClContext made = ClContext.Create(devices, properties);
        if (notify != 0)
            made.Notify(notify, userData);
        return made;
    }

    /// <summary>The list with its final zero; empty when there is none.</summary>
    private static nint[] ReadProperties(nint* properties)
    {
        if (properties is null)
            return [];
        var seen = new HashSet<nint>();
        int length = 0;
        for (; properties[length] != 0; length += 2)
        {
            nint name = properties[length];
            ClFailure.Unless(
                (name is ClNames.ContextPlatform or ClNames.ContextInteropUserSync) && seen.Add(name),
                ClCodes.InvalidProperty);
            nint value = properties[length + 1];
            if (name == ClNames.ContextPlatform)
                HandleTable.Get<ClPlatform>(value);
            else
                ClFailure.Unless(value is 0 or 1, ClCodes.InvalidProperty);
        }
        return new ReadOnlySpan<nint>(properties, length + 1).ToArray();
    }
}
