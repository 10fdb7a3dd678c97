using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class Session
{
    /// <summary>Tells memory arguments from numbers, and which of them a kernel only reads.</summary>
    private const string ArgumentInfoOption = "-cl-kernel-arg-info";

    private DataSink? ExecuteProgramCommand(in Frame frame)
    {
        ulong sequence = frame.Sequence;
        switch (frame.Opcode)
        {
            case Opcode.CreateProgramWithSource:
                return Carry(sequence, CommandReader.Read<CreateProgramWithSource>(frame), StartSource);
            case Opcode.CreateProgramWithBinary:
                return Carry(sequence, CommandReader.Read<CreateProgramWithBinary>(frame), StartBinary);
            case Opcode.BuildProgram:
                Ask(sequence, CommandReader.Read<BuildProgram>(frame), Build);
                return null;
            case Opcode.CompileProgram:
                Ask(sequence, CommandReader.Read<CompileProgram>(frame), Compile);
                return null;
            case Opcode.LinkProgram:
                Ask(sequence, CommandReader.Read<LinkProgram>(frame), Link);
                return null;
            case Opcode.DescribeProgram:
                Ask(sequence, CommandReader.Read<DescribeProgram>(frame), Describe);
                return null;
            case Opcode.DescribeKernels:
                Ask(sequence, CommandReader.Read<DescribeKernels>(frame), Describe);
                return null;
            default:
                SendBinary(sequence, CommandReader.Read<GetProgramBinary>(frame));
                return null;
        }
    }

    /// <summary>Does a command whose reply is known when it returns.</summary>
    private void Ask<TCommand, TReply>(ulong sequence, TCommand command, Func<TCommand, TReply> answer)
        where TCommand : struct, ICommand<TReply>
        where TReply : struct, IFrameBody<TReply>
    {
        try
        {
            _services.Tracker.Complete(sequence, answer(command));
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private DataSink StartSource(ulong sequence, CreateProgramWithSource command)
    {
        CheckNewProgram(command.Id);
        ContextObject context = Context(command.Context);
        if (_sourceBytes + (long)command.DataBytes > MaxSourceBytes)
        {
            throw new CommandFailure(
                OpenClErrors.SessionLimit, $"the session's programs have {_sourceBytes} bytes of source and may not " +
                $"have more than {MaxSourceBytes}; release some", command.Id);
        }
        return Gather(sequence, command, command.DataBytes, source =>
        {
            _sourceBytes += source.Length;
            _programs++;
            _objects.Add(command.Id, new ProgramObject(command.Id, context, source));
        });
    }

    private DataSink StartBinary(ulong sequence, CreateProgramWithBinary command)
    {
        CheckNewProgram(command.Id);
        ContextObject context = Context(command.Context);
        return Gather(sequence, command, command.DataBytes, wrapped =>
        {
            nint handle = LoadBinary(context, wrapped, command.Id);
            _programs++;
            _objects.Add(command.Id, new ProgramObject(command.Id, context, null) { Handle = new ProgramHandle(handle) });
        });
    }

    private void CheckNewProgram(ulong id)
    {
        CheckNew(id);
        if (_programs >= MaxPrograms)
            throw new CommandFailure(OpenClErrors.SessionLimit, $"the session has {MaxPrograms} programs; release some");
    }

    private nint LoadBinary(ContextObject context, byte[] wrapped, ulong id)
    {
        ReadOnlySpan<byte> binary = BinaryWrapper.Unwrap(_services.Device.Hash, wrapped, id);
        DeviceObject[] devices = context.Devices;
        nint* handles = stackalloc nint[devices.Length];
        nuint* lengths = stackalloc nuint[devices.Length];
        byte** starts = stackalloc byte*[devices.Length];
        int* statuses = stackalloc int[devices.Length];
        fixed (byte* start = binary)
        {
            for (var i = 0; i < devices.Length; i++)
            {
                handles[i] = devices[i].Handle;
                lengths[i] = (nuint)binary.Length;
                starts[i] = start;
            }
            int code;
            nint program = Cl.CreateProgramWithBinary(
                context.Handle, (uint)devices.Length, handles, lengths, starts, statuses, &code);
            CommandFailure.ThrowIfFailed(code, "clCreateProgramWithBinary", id);
            return program;
        }
    }

    private BuildResult Build(BuildProgram command)
    {
        ProgramObject program = Program(command.Program);
        string options = WithArgumentInfo(command.Options);
        ContextObject context = program.Context;
        bool cacheable = context.IsShared && program.Source is not null;
        if (cacheable && _services.Programs.Find(_part.Device, program.Source!, options) is var (cached, log))
        {
            program.Handle = cached;
            return Built(program, new BuildResult(OpenClErrors.Success, log));
        }
        if (program.Source is not null)
            program.Handle = program.CreateFromSource();
        nint handle = program.Materialize().Handle;
        int code;
        using (BuildLock.Take(program.Source))
        fixed (byte* text = Encoding.UTF8.GetBytes(options + '\0'))
            code = Cl.BuildProgram(handle, 0, null, text, null, null);
        program.Handle!.Kernels = null; // a program from a binary may be built again, with other options
        BuildResult result = Built(program, new BuildResult(code, ProgramObject.ReadLog(handle, context.Devices[0].Handle)));
        if (cacheable && result.Succeeded)
            _services.Programs.Add(_part.Device, program.Source!, options, program.Handle, result.Log);
        return result;
    }

    private static BuildResult Built(ProgramObject program, BuildResult result)
    {
        program.IsBuilt = result.Succeeded;
        program.LastBuild = result;
        return result;
    }

    private BuildResult Compile(CompileProgram command)
    {
        ProgramObject program = Program(command.Program);
        string[] names = command.HeaderNames.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ProgramObject[] headers = [.. command.Headers.ToArray().Select(Program)];
        if (names.Length != headers.Length)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue, $"{headers.Length} headers and {names.Length} names", program.Id);
        }
        if (program.Source is not null)
            program.Handle = program.CreateFromSource();
        nint handle = program.Materialize().Handle;
        nint[] headerHandles = [.. headers.Select(header => header.Materialize().Handle)];
        using var nameList = new Utf8List(names);
        int code;
        using (BuildLock.Take(program.Source))
        fixed (byte* options = Encoding.UTF8.GetBytes(WithArgumentInfo(command.Options) + '\0'))
        fixed (nint* header = headerHandles)
        {
            code = Cl.CompileProgram(
                handle, 0, null, options, (uint)headers.Length, header, headers.Length == 0 ? null : nameList.Pointers,
                null, null);
        }
        program.IsBuilt = false;
        return (program.LastBuild = new BuildResult(
            code, ProgramObject.ReadLog(handle, program.Context.Devices[0].Handle))).Value;
    }

    private BuildResult Link(LinkProgram command)
    {
        CheckNewProgram(command.Id);
        ContextObject context = Context(command.Context);
        nint[] inputs = [.. command.Programs.ToArray().Select(id => Program(id).Materialize().Handle)];
        int code;
        nint handle;
        using (BuildLock.Take(Encoding.UTF8.GetBytes(command.Options)))
        fixed (byte* options = Encoding.UTF8.GetBytes(WithArgumentInfo(command.Options) + '\0'))
        fixed (nint* input = inputs)
        {
            handle = Cl.LinkProgram(
                context.Handle, 0, null, options, (uint)inputs.Length, input, null, null, &code);
        }
        if (handle == 0)
            throw new CommandFailure(code, "clLinkProgram failed", command.Id);
        var program = new ProgramObject(command.Id, context, null) { Handle = new ProgramHandle(handle) };
        _programs++;
        _objects.Add(command.Id, program);
        return Built(program, new BuildResult(code, ProgramObject.ReadLog(handle, context.Devices[0].Handle)));
    }

    private void Create(CreateKernel command)
    {
        CheckNew(command.Id);
        ProgramObject program = BuiltProgram(command.Program);
        ProgramHandle built = program.Handle!;
        nint handle = CreateKernelHandle(built.Handle, command.Name, command.Id);
        if (!built.Signatures.TryGetValue(command.Name, out KernelSignature? signature))
        {
            signature = KernelSignature.Read(handle);
            built.Signatures.Add(command.Name, signature);
        }
        _objects.Add(command.Id, new KernelObject(command.Id, handle, signature, program));
    }

    private ProgramObject BuiltProgram(ulong id)
    {
        ProgramObject program = Program(id);
        if (program.IsBuilt)
            return program;
        string why = program.LastBuild is { Succeeded: false } failed
            ? $"its build failed with {OpenClErrors.Name(failed.Code)}"
            : "it was not built";
        throw new CommandFailure(OpenClErrors.InvalidProgramExecutable, $"program {id} has no kernels: {why}", id);
    }

    private static nint CreateKernelHandle(nint program, string name, ulong id)
    {
        int code;
        nint handle;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            handle = Cl.CreateKernel(program, text, &code);
        CommandFailure.ThrowIfFailed(code, $"clCreateKernel of '{name}'", id);
        return handle;
    }

    private ProgramDescription Describe(DescribeProgram command)
    {
        IReadOnlyList<KernelDescription> kernels = KernelsOf(command.Program);
        ProgramDescription page = PageOf(kernels, 0, command.Program);
        return page.Kernels.Count == kernels.Count ? page : throw new CommandFailure(
            OpenClErrors.SessionLimit,
            $"the description of {kernels.Count} kernels does not fit into one frame: ask for them in parts", command.Program);
    }

    private ProgramDescription Describe(DescribeKernels command) =>
        PageOf(KernelsOf(command.Program), (int)Math.Min(command.First, int.MaxValue), command.Program);

    private IReadOnlyList<KernelDescription> KernelsOf(ulong id)
    {
        ProgramObject program = BuiltProgram(id);
        return program.Handle!.Kernels ??= ReadKernels(program, program.Handle.Handle);
    }

    private static KernelDescription[] ReadKernels(ProgramObject program, nint handle)
    {
        InfoCall info = (name, size, value, needed) => Cl.GetProgramInfo(handle, name, size, value, needed);
        string[] names = InfoReader.ReadText(info, ClNames.ProgramKernelNames)
            .Split(';', StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(names, name =>
        {
            nint kernel = CreateKernelHandle(handle, name, program.Id);
            KernelDescription described =
                KernelSignature.Read(kernel).Describe(kernel, program.Context.Devices[0].Handle);
            OpenClException.ThrowIfFailed(Cl.ReleaseKernel(kernel), "clReleaseKernel");
            return described;
        });
    }

    /// <summary>As many kernels, from this one on, as a frame holds.</summary>
    private static ProgramDescription PageOf(IReadOnlyList<KernelDescription> kernels, int first, ulong id)
    {
        var page = new List<KernelDescription>();
        int bytes = 0;
        for (int i = first; i < kernels.Count && page.Count < ProtocolLimits.MaxEntries; i++)
        {
            bytes += CommandWriter.MeasurePayload(new ProgramDescription([kernels[i]]));
            if (bytes > ProtocolLimits.MaxPayloadBytes)
                break;
            page.Add(kernels[i]);
        }
        return page.Count > 0 || first >= kernels.Count ? new ProgramDescription(page) : throw new CommandFailure(
            OpenClErrors.SessionLimit, $"the description of kernel {kernels[first].Name} does not fit into one frame", id);
    }

    private void SendBinary(ulong sequence, GetProgramBinary command)
    {
        try
        {
            byte[] wrapped = BinaryWrapper.Wrap(_services.Device.Hash, ReadBinary(Program(command.Program)));
            for (var offset = 0; offset < wrapped.Length; offset += ProtocolLimits.DataChunkBytes)
            {
                int length = Math.Min(ProtocolLimits.DataChunkBytes, wrapped.Length - offset);
                _services.Outbox.WaitForRoom();
                _services.Outbox.Append(sequence, new Data((ulong)offset, wrapped.AsMemory(offset, length)));
            }
            _services.Tracker.Complete(sequence, new Done((ulong)wrapped.Length));
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private static byte[] ReadBinary(ProgramObject program)
    {
        nint handle = program.Materialize().Handle;
        int devices = program.Context.Devices.Length;
        var sizes = new nuint[devices];
        fixed (nuint* pointer = sizes)
        {
            int code = Cl.GetProgramInfo(
                handle, ClNames.ProgramBinarySizes, (nuint)(devices * sizeof(nuint)), pointer, null);
            CommandFailure.ThrowIfFailed(code, "clGetProgramInfo of the binary's size", program.Id);
        }
        if (sizes[0] == 0)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidProgramExecutable, $"program {program.Id} has no binary: build it first", program.Id);
        }
        if (sizes[0] > ProtocolLimits.MaxBinaryBytes - BinaryWrapper.HeaderBytes)
            throw new CommandFailure(OpenClErrors.SessionLimit, $"the binary has {sizes[0]} bytes", program.Id);
        var binary = new byte[sizes[0]];
        byte** pointers = stackalloc byte*[devices];
        new Span<nint>(pointers, devices).Clear(); // null: that device's binary is not wanted
        fixed (byte* start = binary)
        {
            pointers[0] = start;
            int code = Cl.GetProgramInfo(
                handle, ClNames.ProgramBinaries, (nuint)(devices * sizeof(nint)), pointers, null);
            CommandFailure.ThrowIfFailed(code, "clGetProgramInfo of the binary", program.Id);
        }
        return binary;
    }

    private static string WithArgumentInfo(string options) =>
        options.Contains(ArgumentInfoOption, StringComparison.Ordinal) ? options : $"{options} {ArgumentInfoOption}".Trim();

    /// <summary>Takes data that is needed in one piece; a failure in <paramref name="finish"/> is the command's.</summary>
    private GatheredData Gather<T>(ulong sequence, T command, ulong bytes, Action<byte[]> finish)
        where T : struct, ICommand
    {
        if (bytes > StagingPool.MaxBlockBytes && command is not CreateProgramWithBinary)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue,
                $"{bytes} bytes of initial data; at most {StagingPool.MaxBlockBytes}: create it, then write in parts");
        }
        return new GatheredData((int)bytes, content =>
        {
            try
            {
                finish(content);
                _services.Tracker.Complete(sequence);
            }
            catch (CommandFailure failure)
            {
                Fail(sequence, command, failure);
            }
        });
    }
}
