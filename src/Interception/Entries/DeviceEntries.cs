using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about devices and sub-devices.</summary>
internal static unsafe class DeviceEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.GetDeviceIDs] = (nint)(delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)&GetDeviceIds;
        table[(int)Slot.GetDeviceInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetDeviceInfo;
        table[(int)Slot.CreateSubDevices] =
            (nint)(delegate* unmanaged<nint, nint*, uint, nint*, uint*, int>)&CreateSubDevices;
        table[(int)Slot.RetainDevice] = (nint)(delegate* unmanaged<nint, int>)&RetainDevice;
        table[(int)Slot.ReleaseDevice] = (nint)(delegate* unmanaged<nint, int>)&ReleaseDevice;
        table[(int)Slot.RetainDeviceEXT] = table[(int)Slot.RetainDevice];
        table[(int)Slot.ReleaseDeviceEXT] = table[(int)Slot.ReleaseDevice];
        table[(int)Slot.GetDeviceAndHostTimer] = (nint)(delegate* unmanaged<nint, ulong*, ulong*, int>)&GetTimers;
        table[(int)Slot.GetHostTimer] = (nint)(delegate* unmanaged<nint, ulong*, int>)&GetHostTimer;
    }

    /// <summary>The devices of these types.</summary>
    /// <exception cref="ClFailure">There is no such type.</exception>
    public static ClDevice[] OfType(ulong type)
    {
        ClFailure.Unless(
            type != 0 && (type == ClNames.DeviceTypeAll || (type & ~ClNames.DeviceTypeKnown) == 0),
            ClCodes.InvalidDeviceType);
        ClDevice[] devices = ClPlatform.Instance.Devices;
        if (type == ClNames.DeviceTypeAll)
            return devices;
        if ((type & ClNames.DeviceTypeDefault) != 0)
            return devices is [] ? [] : [devices[0]];
        return Array.FindAll(devices, device => (device.Number<ulong>(ClNames.DeviceType) & type) != 0);
    }

    [UnmanagedCallersOnly]
    private static int GetDeviceIds(nint platform, ulong type, uint entries, nint* devices, uint* count)
    {
        try
        {
            if (platform != 0)
                HandleTable.Get<ClPlatform>(platform);
            if ((devices is null && count is null) || (devices is not null && entries == 0))
                return OpenClErrors.InvalidValue;
            ClDevice[] found = OfType(type);
            if (found.Length == 0)
                return OpenClErrors.DeviceNotFound;
            for (var i = 0; devices is not null && i < Math.Min(entries, found.Length); i++)
                devices[i] = found[i].Handle;
            if (count is not null)
                *count = (uint)found.Length;
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClDevice>(device).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int CreateSubDevices(nint device, nint* properties, uint entries, nint* made, uint* count)
    {
        try
        {
            ClDevice parent = HandleTable.Get<ClDevice>(device);
            ClFailure.Unless(properties is not null, OpenClErrors.InvalidValue);
            Partition partition = Partition.Of(parent, properties);
            if (made is not null && entries < partition.Counts.Length)
                return OpenClErrors.InvalidValue;
            if (count is not null)
                *count = (uint)partition.Counts.Length;
            if (made is null)
                return OpenClErrors.Success;
            ClDevice[] devices = partition.Make(parent);
            for (var i = 0; i < devices.Length; i++)
                made[i] = devices[i].Handle;
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int RetainDevice(nint device)
    {
        ClDevice? found = HandleTable.Find<ClDevice>(device);
        if (found is { IsRoot: false })
            found.Retain();
        return found is null ? OpenClErrors.InvalidDevice : OpenClErrors.Success;
    }

    [UnmanagedCallersOnly]
    private static int ReleaseDevice(nint device)
    {
        if (HandleTable.Find<ClDevice>(device) is { IsRoot: true })
            return OpenClErrors.Success;
        return Outcome.Released<ClDevice>(device);
    }

    [UnmanagedCallersOnly]
    private static int GetTimers(nint device, ulong* deviceTime, ulong* hostTime)
    {
        if (HandleTable.Find<ClDevice>(device) is null)
            return OpenClErrors.InvalidDevice;
        // The platform's timer resolution is 0: the clocks of client and slice are not the same.
        return OpenClErrors.InvalidOperation;
    }

    [UnmanagedCallersOnly]
    private static int GetHostTimer(nint device, ulong* hostTime)
    {
        return HandleTable.Find<ClDevice>(device) is null ? OpenClErrors.InvalidDevice : OpenClErrors.InvalidOperation;
    }
}
