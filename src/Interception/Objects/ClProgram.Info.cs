using System.Buffers.Binary;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

internal sealed unsafe partial class ClProgram
{
    private const uint BinaryMagic = 0x42555047; // "GPUB": what the executor puts before every binary
    private const int BinaryHeaderBytes = 48;

    /// <summary>
    /// Where the library notes, in the executor's header, what the standard has said of a binary: upper half of the version.
    /// Its type, and whether its kernels' arguments may be asked for.
    /// </summary>
    private const int BinaryNoteOffset = 6;

    private const uint ArgumentInfoNote = 0x8000;

    /// <summary>Whether a binary was made by the executor for this device and driver; it checks the rest itself.</summary>
    public static bool IsBinaryFor(ClDevice device, byte* binary, nuint bytes)
    {
        if (bytes < BinaryHeaderBytes)
            return false;
        var header = new ReadOnlySpan<byte>(binary, BinaryHeaderBytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == BinaryMagic
            && BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) == device.Stream.Welcome.DeviceHash;
    }

    /// <summary>What <see cref="BinaryOf"/> has noted in the header, which becomes the executor's own again.</summary>
    private static (uint Type, bool HasArgumentInfo) TakeBinaryNote(Span<byte> binary)
    {
        Span<byte> place = binary.Slice(BinaryNoteOffset, sizeof(ushort));
        uint note = BinaryPrimitives.ReadUInt16LittleEndian(place);
        place.Clear();
        uint type = note & ~ArgumentInfoNote;
        return (type == 0 ? ClNames.BinaryExecutable : type, (note & ArgumentInfoNote) != 0);
    }

    /// <summary><c>clGetProgramInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer)
    {
        switch (name)
        {
            case ClNames.ProgramReferenceCount:
                return answer.Value(References);
            case ClNames.ProgramContext:
                return answer.Value(Context.Handle);
            case ClNames.ProgramNumDevices:
                return answer.Value((uint)Devices.Length);
            case ClNames.ProgramDevices:
                return answer.Array<nint>(Array.ConvertAll(Devices, device => device.Handle));
            case ClNames.ProgramSource:
                return answer.Bytes(_source is null ? "\0"u8 : [.. _source, 0]);
            case ClNames.ProgramBinarySizes:
                return answer.Array<nuint>(Array.ConvertAll(Devices, device => (nuint)(BinaryOf(device)?.Length ?? 0)));
            case ClNames.ProgramBinaries:
                return GiveBinaries(answer);
            case ClNames.ProgramNumKernels:
                return answer.Value((nuint)Kernels.Length);
            case ClNames.ProgramKernelNames:
                return answer.Text(string.Join(';', Kernels.Select(kernel => kernel.Name)));
            case ClNames.ProgramIl:
                return answer.Bytes([]);
            case ClNames.ProgramScopeGlobalCtors or ClNames.ProgramScopeGlobalDtors:
                return answer.Flag(false);
            default:
                return OpenClErrors.InvalidValue;
        }
    }

    /// <summary><c>clGetProgramBuildInfo</c>.</summary>
    public int BuildInfo(ClDevice device, uint name, InfoAnswer answer)
    {
        ClFailure.Unless(Devices.Contains(device), OpenClErrors.InvalidDevice);
        ProgramState state = StateOf(device);
        return name switch
        {
            ClNames.BuildStatus => answer.Value(state.BuildStatus),
            ClNames.BuildOptions => answer.Text(state.Options),
            ClNames.BuildLog => answer.Text(state.Result.Log),
            ClNames.BuildBinaryType => answer.Value(state.Result.Succeeded ? state.BinaryType : ClNames.BinaryNone),
            ClNames.BuildGlobalVariableSize => answer.Value((nuint)0),
            _ => OpenClErrors.InvalidValue,
        };
    }

    /// <summary>The array of the program's pointers; those that are null want nothing.</summary>
    private int GiveBinaries(InfoAnswer answer)
    {
        nuint bytes = (nuint)(Devices.Length * sizeof(nint));
        if (answer.Destination is not null)
        {
            if (answer.Size < bytes)
                return OpenClErrors.InvalidValue;
            var pointers = (byte**)answer.Destination;
            for (var i = 0; i < Devices.Length; i++)
            {
                if (pointers[i] is not null && BinaryOf(Devices[i]) is { } binary)
                    binary.CopyTo(new Span<byte>(pointers[i], binary.Length));
            }
        }
        return answer.Length(bytes);
    }

    private byte[]? BinaryOf(ClDevice device)
    {
        SliceBuild build = _builds[Context.SliceOf(device)]!;
        ProgramState state = Settled(Context.SliceOf(device));
        if (state.BinaryType == ClNames.BinaryNone || !state.Result.Succeeded)
            return null;
        if (build.Binary is { } known)
            return known;
        var reply = new GatheredReply();
        device.Stream.Send(new GetProgramBinary(Id), reply);
        device.Stream.FlushAndWait(reply);
        byte[] binary = reply.ToArray();
        uint note = state.BinaryType | (HasArgumentInfo ? ArgumentInfoNote : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(binary.AsSpan(BinaryNoteOffset), (ushort)note);
        return build.Binary = binary;
    }
}
