using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about kernels and their launches.</summary>
internal static unsafe class KernelEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.CreateKernel] = (nint)(delegate* unmanaged<nint, byte*, int*, nint>)&Create;
        table[(int)Slot.CreateKernelsInProgram] = (nint)(delegate* unmanaged<nint, uint, nint*, uint*, int>)&CreateAll;
        table[(int)Slot.CloneKernel] = (nint)(delegate* unmanaged<nint, int*, nint>)&Clone;
        table[(int)Slot.RetainKernel] = (nint)(delegate* unmanaged<nint, int>)&Retain;
        table[(int)Slot.ReleaseKernel] = (nint)(delegate* unmanaged<nint, int>)&Release;
        table[(int)Slot.SetKernelArg] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, int>)&SetArgument;
        table[(int)Slot.GetKernelInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetInfo;
        table[(int)Slot.GetKernelArgInfo] =
            (nint)(delegate* unmanaged<nint, uint, uint, nuint, void*, nuint*, int>)&GetArgumentInfo;
        table[(int)Slot.GetKernelWorkGroupInfo] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)&GetWorkGroupInfo;
        table[(int)Slot.GetKernelSubGroupInfo] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint, void*, nuint, void*, nuint*, int>)&GetSubGroupInfo;
        table[(int)Slot.GetKernelSubGroupInfoKHR] = table[(int)Slot.GetKernelSubGroupInfo];
        table[(int)Slot.SetKernelExecInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, int>)&SetExecInfo;
        table[(int)Slot.SetKernelArgSVMPointer] = (nint)(delegate* unmanaged<nint, uint, void*, int>)&SetSvmPointer;
        table[(int)Slot.EnqueueNDRangeKernel] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)&Enqueue;
        table[(int)Slot.EnqueueTask] = (nint)(delegate* unmanaged<nint, nint, uint, nint*, nint*, int>)&EnqueueTask;
    }

    [UnmanagedCallersOnly]
    private static nint Create(nint program, byte* name, int* code)
    {
        try
        {
            ClProgram owner = HandleTable.Get<ClProgram>(program);
            ClFailure.Unless(name is not null, OpenClErrors.InvalidValue);
            return Outcome.Created(ClKernel.Create(owner, Marshal.PtrToStringUTF8((nint)name)!), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int CreateAll(nint program, uint entries, nint* kernels, uint* count)
    {
        try
        {
            ClProgram owner = HandleTable.Get<ClProgram>(program);
            KernelDescription[] all = owner.Kernels;
            ClFailure.Unless(kernels is null || entries >= all.Length, OpenClErrors.InvalidValue);
            for (var i = 0; kernels is not null && i < all.Length; i++)
                kernels[i] = ClKernel.Create(owner, all[i]).Handle;
            if (count is not null)
                *count = (uint)all.Length;
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static nint Clone(nint kernel, int* code)
    {
        try
        {
            return Outcome.Created(HandleTable.Get<ClKernel>(kernel).Clone(), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int Retain(nint kernel) => Outcome.Retained<ClKernel>(kernel);

    [UnmanagedCallersOnly]
    private static int Release(nint kernel) => Outcome.Released<ClKernel>(kernel);

    [UnmanagedCallersOnly]
    private static int SetArgument(nint kernel, uint index, nuint size, void* value)
    {
        try
        {
            HandleTable.Get<ClKernel>(kernel).Set(index, size, value);
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetInfo(nint kernel, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClKernel>(kernel).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetArgumentInfo(nint kernel, uint index, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClKernel>(kernel).ArgumentInfo(index, name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetWorkGroupInfo(nint kernel, nint device, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            ClKernel found = HandleTable.Get<ClKernel>(kernel);
            return found.WorkGroupInfo(DeviceOf(found, device), name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetSubGroupInfo(
        nint kernel, nint device, uint name, nuint inputSize, void* input, nuint size, void* value, nuint* needed)
    {
        try
        {
            // The protocol has no question for it; a device without sub-groups answers so, too.
            DeviceOf(HandleTable.Get<ClKernel>(kernel), device);
            return OpenClErrors.InvalidOperation;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetExecInfo(nint kernel, uint name, nuint size, void* value) =>
        // It is about shared virtual memory, which no device here has.
        HandleTable.Find<ClKernel>(kernel) is null ? OpenClErrors.InvalidKernel : OpenClErrors.InvalidOperation;

    [UnmanagedCallersOnly]
    private static int SetSvmPointer(nint kernel, uint index, void* value) =>
        HandleTable.Find<ClKernel>(kernel) is null ? OpenClErrors.InvalidKernel : OpenClErrors.InvalidOperation;

    [UnmanagedCallersOnly]
    private static int Enqueue(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* waitList,
        nint* @event)
    {
        try
        {
            return Launch(
                queue, kernel, dimensions, offset, global, local, waits, waitList, @event, ClNames.CommandNdRangeKernel);
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int EnqueueTask(nint queue, nint kernel, uint waits, nint* waitList, nint* @event)
    {
        try
        {
            nuint one = 1;
            return Launch(queue, kernel, 1, null, &one, &one, waits, waitList, @event, ClNames.CommandTask);
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    private static int Launch(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* waitList,
        nint* @event, uint commandType)
    {
        ClQueue target = HandleTable.Get<ClQueue>(queue);
        ClKernel launched = HandleTable.Get<ClKernel>(kernel);
        ClFailure.Unless(launched.Context == target.Context, OpenClErrors.InvalidContext);
        ArgumentList arguments = launched.Arguments();
        launched.CheckLocalMemory(target.Device);
        LaunchRange range = LaunchRange.Of(launched, target.Device, dimensions, offset, global, local);
        using var submission = new Submission(target, waits, waitList, @event, launched.Uses());
        ulong sequence = range.IsEmpty
            ? target.Stream.Send(new EnqueueMarker(submission.Enqueue))
            : target.Stream.Send(new LaunchKernel(
                submission.Enqueue, launched.Id, range.Dimensions, range.Global, arguments, range.Local, range.Offset));
        submission.Sent(commandType, sequence);
        return OpenClErrors.Success;
    }

    /// <summary>The device that a question is about; null is allowed when the program has one only.</summary>
    private static ClDevice DeviceOf(ClKernel kernel, nint device)
    {
        if (device == 0 && kernel.Program.Devices.Length == 1)
            return kernel.Program.Devices[0];
        return HandleTable.Get<ClDevice>(device);
    }
}
