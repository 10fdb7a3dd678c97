using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about programs.</summary>
internal static unsafe class ProgramEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.CreateProgramWithSource] =
            (nint)(delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint>)&CreateWithSource;
        table[(int)Slot.CreateProgramWithBinary] =
            (nint)(delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint>)&CreateWithBinary;
        table[(int)Slot.RetainProgram] = (nint)(delegate* unmanaged<nint, int>)&Retain;
        table[(int)Slot.ReleaseProgram] = (nint)(delegate* unmanaged<nint, int>)&Release;
        table[(int)Slot.BuildProgram] = (nint)(delegate* unmanaged<nint, uint, nint*, byte*, nint, nint, int>)&Build;
        table[(int)Slot.CompileProgram] =
            (nint)(delegate* unmanaged<nint, uint, nint*, byte*, uint, nint*, byte**, nint, nint, int>)&Compile;
        table[(int)Slot.LinkProgram] =
            (nint)(delegate* unmanaged<nint, uint, nint*, byte*, uint, nint*, nint, nint, int*, nint>)&Link;
        table[(int)Slot.GetProgramInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetInfo;
        table[(int)Slot.GetProgramBuildInfo] =
            (nint)(delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)&GetBuildInfo;
        table[(int)Slot.SetProgramReleaseCallback] = (nint)(delegate* unmanaged<nint, nint, nint, int>)&SetReleaseCallback;
        table[(int)Slot.SetProgramSpecializationConstant] =
            (nint)(delegate* unmanaged<nint, uint, nuint, void*, int>)&SetSpecializationConstant;
    }

    [UnmanagedCallersOnly]
    private static nint CreateWithSource(nint context, uint count, byte** strings, nuint* lengths, int* code)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            ClFailure.Unless(count > 0 && strings is not null, OpenClErrors.InvalidValue);
            return Outcome.Created(ClProgram.FromSource(owner, Join(count, strings, lengths)), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateWithBinary(
        nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* statuses, int* code)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            ClFailure.Unless(
                count > 0 && devices is not null && lengths is not null && binaries is not null,
                OpenClErrors.InvalidValue);
            ClDevice[] targets = HandleTable.GetAll<ClDevice>(count, devices, OpenClErrors.InvalidValue);
            foreach (ClDevice target in targets)
                ClFailure.Unless(owner.Devices.Contains(target), OpenClErrors.InvalidDevice);
            ClFailure.Unless(targets.Distinct().Count() == targets.Length, OpenClErrors.InvalidDevice);
            CheckBinaries(targets, lengths, binaries, statuses);
            return Outcome.Created(ClProgram.FromBinaries(owner, targets, binaries, lengths), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int Retain(nint program) => Outcome.Retained<ClProgram>(program);

    [UnmanagedCallersOnly]
    private static int Release(nint program) => Outcome.Released<ClProgram>(program);

    [UnmanagedCallersOnly]
    private static int Build(nint program, uint count, nint* devices, byte* options, nint notify, nint userData)
    {
        try
        {
            ClProgram built = HandleTable.Get<ClProgram>(program);
            ClDevice[] targets = TargetsOf(built.Devices, count, devices);
            ClFailure.Unless(notify != 0 || userData == 0, OpenClErrors.InvalidValue);
            built.Build(targets, Marshal.PtrToStringUTF8((nint)options), Notification(notify, program, userData));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int Compile(
        nint program, uint count, nint* devices, byte* options, uint headerCount, nint* headers, byte** names,
        nint notify, nint userData)
    {
        try
        {
            ClProgram compiled = HandleTable.Get<ClProgram>(program);
            ClDevice[] targets = TargetsOf(compiled.Devices, count, devices);
            ClFailure.Unless(notify != 0 || userData == 0, OpenClErrors.InvalidValue);
            ClFailure.Unless((headers is null) == (names is null), OpenClErrors.InvalidValue);
            ClProgram[] included = HandleTable.GetAll<ClProgram>(headerCount, headers, OpenClErrors.InvalidValue);
            var includeNames = new string[headerCount];
            for (var i = 0; i < includeNames.Length; i++)
                includeNames[i] = TextOf((nint)names[i]);
            compiled.Compile(
                targets, Marshal.PtrToStringUTF8((nint)options), included, includeNames,
                Notification(notify, program, userData));
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static nint Link(
        nint context, uint count, nint* devices, byte* options, uint inputCount, nint* inputs, nint notify, nint userData,
        int* code)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            ClFailure.Unless(notify != 0 || userData == 0, OpenClErrors.InvalidValue);
            ClFailure.Unless(inputCount > 0 && inputs is not null, OpenClErrors.InvalidValue);
            ClDevice[] targets = TargetsOf(owner.Devices, count, devices);
            ClProgram[] compiled = HandleTable.GetAll<ClProgram>(inputCount, inputs, OpenClErrors.InvalidValue);
            foreach (ClProgram input in compiled)
                ClFailure.Unless(Array.TrueForAll(targets, input.HasCodeFor), OpenClErrors.InvalidOperation);
            ClProgram linked = ClProgram.Link(
                owner, targets, Marshal.PtrToStringUTF8((nint)options), compiled,
                notify == 0 ? null : made => Notification(notify, made.Handle, userData)!());
            // Who is called later hears only then what came of it.
            Outcome.Give(code, notify == 0 ? linked.FailureOf(targets) : OpenClErrors.Success);
            return linked.Handle;
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetInfo(nint program, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClProgram>(program).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            ClProgram found = HandleTable.Get<ClProgram>(program);
            return found.BuildInfo(HandleTable.Get<ClDevice>(device), name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetReleaseCallback(nint program, nint function, nint userData)
    {
        // For destructors of program-scope variables in C++ kernels, which there are none of.
        if (HandleTable.Find<ClProgram>(program) is null)
            return OpenClErrors.InvalidProgram;
        return function == 0 ? OpenClErrors.InvalidValue : OpenClErrors.InvalidOperation;
    }

    [UnmanagedCallersOnly]
    private static int SetSpecializationConstant(nint program, uint id, nuint size, void* value) =>
        // Programs from intermediate language have such constants; there are none.
        HandleTable.Find<ClProgram>(program) is null ? OpenClErrors.InvalidProgram : OpenClErrors.InvalidOperation;

    /// <summary>A call of the program's function; null when it has none.</summary>
    private static Action? Notification(nint notify, nint program, nint userData) => notify == 0
        ? null
        : () => ((delegate* unmanaged<nint, nint, void>)notify)(program, userData);

    /// <summary>The devices of a call; without any, all that there are.</summary>
    private static ClDevice[] TargetsOf(ClDevice[] devices, uint count, nint* targets)
    {
        ClDevice[] found = HandleTable.GetAll<ClDevice>(count, targets, OpenClErrors.InvalidValue);
        foreach (ClDevice target in found)
            ClFailure.Unless(devices.Contains(target), OpenClErrors.InvalidDevice);
        return count == 0 ? devices : found;
    }

    private static void CheckBinaries(ClDevice[] devices, nuint* lengths, byte** binaries, int* statuses)
    {
        int worst = OpenClErrors.Success;
        for (var i = 0; i < devices.Length; i++)
        {
            int status = lengths[i] == 0 || binaries[i] is null ? OpenClErrors.InvalidValue
                : ClProgram.IsBinaryFor(devices[i], binaries[i], lengths[i]) ? OpenClErrors.Success
                : OpenClErrors.InvalidBinary;
            if (statuses is not null)
                statuses[i] = status;
            worst = status == OpenClErrors.Success ? worst : status;
        }
        ClFailure.Unless(worst == OpenClErrors.Success, worst);
    }

    private static byte[] Join(uint count, byte** strings, nuint* lengths)
    {
        var source = new MemoryStream();
        for (var i = 0; i < count; i++)
        {
            ClFailure.Unless(strings[i] is not null, OpenClErrors.InvalidValue);
            nuint length = lengths is null ? 0 : lengths[i];
            source.Write(length == 0
                ? MemoryMarshal.CreateReadOnlySpanFromNullTerminated(strings[i])
                : new ReadOnlySpan<byte>(strings[i], checked((int)length)));
        }
        return source.ToArray();
    }

    private static string TextOf(nint text) => Marshal.PtrToStringUTF8(text) ?? "";
}
