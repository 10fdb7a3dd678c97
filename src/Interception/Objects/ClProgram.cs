using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// A program. Builds are waited for, those of several slices at the same time; what its kernels are is asked for once a
/// build, and its binary once it is wanted.
/// </summary>
internal sealed partial class ClProgram : ClObject, IClKind
{
    private readonly byte[]? _source;
    private readonly Lock _gate = new();
    private readonly SliceBuild?[] _builds; // by slice; null where it is for no device
    private int _kernelCount;

    private ClProgram(ClContext context, ClDevice[] devices, byte[]? source, ProgramState state)
    {
        Context = context;
        Devices = devices;
        _source = source;
        _builds = new SliceBuild?[context.Streams.Length];
        foreach (ClDevice device in devices)
            _builds[context.SliceOf(device)] = new SliceBuild { State = state };
        Id = context.Streams[0].NextId();
        context.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidProgram;

    public ulong Id { get; }

    public ClContext Context { get; }

    /// <summary>The devices that it is for.</summary>
    public ClDevice[] Devices { get; }

    /// <summary>Functions to call when it is gone.</summary>
    public DestructorCalls Destructors { get; } = new();

    /// <summary><c>clCreateProgramWithSource</c>.</summary>
    /// <exception cref="ClFailure">The source is too long.</exception>
    public static unsafe ClProgram FromSource(ClContext context, byte[] source)
    {
        ClFailure.Unless(source.Length <= ProtocolLimits.MaxSourceBytes, OpenClErrors.OutOfResources);
        var program = new ClProgram(context, context.Devices, source, ProgramState.New);
        fixed (byte* start = source)
        {
            for (var slice = 0; slice < context.Streams.Length; slice++)
            {
                if (!context.CanLeaveOut(slice))
                {
                    context.Streams[slice].Send(
                        new CreateProgramWithSource(program.Id, context.Id, (ulong)source.Length),
                        new PlainData(start, (ulong)source.Length));
                }
            }
        }
        return program;
    }

    /// <summary><c>clCreateProgramWithBinary</c>, of what <see cref="Info"/> gave.</summary>
    /// <param name="context">Where.</param>
    /// <param name="devices">The devices that it is for.</param>
    /// <param name="binaries">One for each of them; those of one slice are the same.</param>
    /// <param name="lengths">Their bytes.</param>
    /// <exception cref="ClFailure">A connection is lost.</exception>
    public static unsafe ClProgram FromBinaries(ClContext context, ClDevice[] devices, byte** binaries, nuint* lengths)
    {
        var program = new ClProgram(context, devices, null, ProgramState.Loaded);
        for (var slice = 0; slice < context.Streams.Length; slice++)
        {
            int first = Array.FindIndex(devices, device => context.SliceOf(device) == slice);
            if (first >= 0)
            {
                context.Streams[slice].Send(
                    new CreateProgramWithBinary(program.Id, context.Id, lengths[first]),
                    new PlainData(binaries[first], lengths[first]));
            }
        }
        return program;
    }

    /// <summary><c>clBuildProgram</c>, for these of its devices.</summary>
    /// <exception cref="ClFailure">The build failed, kernels of it live, or it has nothing to build.</exception>
    public void Build(ClDevice[] targets, string options)
    {
        Begin(targets, options);
        Run(targets, new BuildProgram(Id, options), options, ClNames.BinaryExecutable);
        ThrowIfFailed(targets);
    }

    /// <summary><c>clCompileProgram</c>, for these of its devices.</summary>
    /// <exception cref="ClFailure">It failed, kernels of it live, or it has no source.</exception>
    public void Compile(ClDevice[] targets, string options, ClProgram[] headers, string[] names)
    {
        ClFailure.Unless(_source is not null, OpenClErrors.InvalidOperation);
        Begin(targets, options);
        ulong[] ids = Array.ConvertAll(headers, header => header.Id);
        Run(
            targets, new CompileProgram(Id, options, ids, string.Join('\n', names)), options,
            ClNames.BinaryCompiledObject);
        ThrowIfFailed(targets);
    }

    /// <summary><c>clLinkProgram</c>. The program is there even if linking has failed: it has the log.</summary>
    /// <exception cref="ClFailure">The linker was not even started.</exception>
    public static ClProgram Link(ClContext context, ClDevice[] devices, string options, ClProgram[] inputs)
    {
        var program = new ClProgram(context, devices, null, ProgramState.New);
        try
        {
            bool isLibrary = options.Contains("-create-library", StringComparison.Ordinal);
            program.Run(
                devices, new LinkProgram(program.Id, context.Id, options, Array.ConvertAll(inputs, input => input.Id)),
                options, isLibrary ? ClNames.BinaryLibrary : ClNames.BinaryExecutable);
            return program;
        }
        catch
        {
            program.Release();
            throw;
        }
    }

    /// <summary>The first code with which a build for one of its devices failed; 0 if none did.</summary>
    public int FailureOf(ClDevice[] devices) =>
        Array.Find(Array.ConvertAll(devices, device => StateOf(device).Result.Code), code => code != OpenClErrors.Success);

    /// <summary>How the last build for a device ended.</summary>
    public ProgramState StateOf(ClDevice device) => Volatile.Read(ref _builds[Context.SliceOf(device)]!.State);

    /// <summary>Whether there is code for a device, compiled or linked or loaded.</summary>
    public bool HasCodeFor(ClDevice device) =>
        _builds[Context.SliceOf(device)] is { State.BinaryType: not ClNames.BinaryNone };

    /// <summary>Whether its kernels can run on a slice.</summary>
    public bool IsExecutableOn(int slice) => _builds[slice] is { State.IsExecutable: true };

    /// <summary>All kernels of the built program, as one of its devices has them.</summary>
    /// <exception cref="ClFailure">It is not built.</exception>
    public KernelDescription[] Kernels
    {
        get
        {
            int slice = Array.FindIndex(_builds, build => build is { State.IsExecutable: true });
            ClFailure.Unless(slice >= 0, OpenClErrors.InvalidProgramExecutable);
            return KernelsOn(slice);
        }
    }

    /// <summary>All kernels of the built program, as a slice has them.</summary>
    /// <exception cref="ClFailure">It is not built for that.</exception>
    public KernelDescription[] KernelsOn(int slice)
    {
        ClFailure.Unless(IsExecutableOn(slice), OpenClErrors.InvalidProgramExecutable);
        SliceBuild build = _builds[slice]!;
        if (Volatile.Read(ref build.Kernels) is { } known)
            return known;
        ProgramDescription description =
            Context.Streams[slice].Ask<DescribeProgram, ProgramDescription>(new DescribeProgram(Id));
        KernelDescription[] kernels = [.. description.Kernels];
        Volatile.Write(ref build.Kernels, kernels);
        return kernels;
    }

    /// <summary>A kernel of it is made: until <see cref="Detach"/> it cannot be built again.</summary>
    public void Attach()
    {
        Hold();
        Interlocked.Increment(ref _kernelCount);
    }

    public void Detach()
    {
        Interlocked.Decrement(ref _kernelCount);
        Drop();
    }

    protected override void Destroy()
    {
        for (var slice = 0; slice < _builds.Length; slice++)
        {
            if (_builds[slice] is not null)
                Context.Streams[slice].Release(Id);
        }
        Context.Drop();
        Destructors.Run(Handle);
    }

    private void Begin(ClDevice[] targets, string options)
    {
        lock (_gate)
        {
            ClFailure.Unless(Volatile.Read(ref _kernelCount) == 0, OpenClErrors.InvalidOperation);
            foreach (ClDevice target in targets)
            {
                SliceBuild build = _builds[Context.SliceOf(target)]!;
                build.Kernels = null;
                build.Binary = null;
                build.State = ProgramState.New with { Options = options };
            }
        }
    }

    /// <summary>Sends the command to the slice of each target, and waits for all.</summary>
    private void Run<T>(ClDevice[] targets, T command, string options, uint binaryType)
        where T : struct, ICommand<BuildResult>
    {
        int[] slices = [.. targets.Select(Context.SliceOf).Distinct()];
        Reply<BuildResult>[] replies = Array.ConvertAll(slices, _ => new Reply<BuildResult>());
        for (var i = 0; i < slices.Length; i++)
        {
            Context.Streams[slices[i]].Send(command, replies[i]);
            Context.Streams[slices[i]].Flush();
        }
        for (var i = 0; i < slices.Length; i++)
            Context.Streams[slices[i]].Wait(replies[i]);
        for (var i = 0; i < slices.Length; i++)
        {
            replies[i].ThrowIfFailed();
            Volatile.Write(ref _builds[slices[i]]!.State, new ProgramState(replies[i].Value, options, binaryType));
        }
    }

    private void ThrowIfFailed(ClDevice[] targets)
    {
        foreach (ClDevice target in targets)
        {
            BuildResult result = StateOf(target).Result;
            if (!result.Succeeded)
                throw new ClFailure(result.Code, result.Log);
        }
    }

    /// <summary>The program on one slice.</summary>
    private sealed class SliceBuild
    {
        public ProgramState State = ProgramState.New;
        public KernelDescription[]? Kernels;
        public byte[]? Binary;
    }
}

/// <summary>How a program's last build ended.</summary>
/// <param name="Result">Code and log.</param>
/// <param name="Options">As the program gave them.</param>
/// <param name="BinaryType">What it made, if it succeeded.</param>
/// <param name="Status"><c>CL_PROGRAM_BUILD_STATUS</c>, unless the result says it.</param>
internal sealed record ProgramState(BuildResult Result, string Options, uint BinaryType, int? Status = null)
{
    /// <summary>Nothing was built.</summary>
    public static readonly ProgramState New = new(new BuildResult(0, ""), "", ClNames.BinaryNone, ClNames.BuildNone);

    /// <summary>From a binary: to be built yet, which only makes it ready.</summary>
    public static readonly ProgramState Loaded = New with { BinaryType = ClNames.BinaryExecutable };

    /// <summary>Whether it has kernels.</summary>
    public bool IsExecutable => Status is null && Result.Succeeded && BinaryType == ClNames.BinaryExecutable;

    /// <summary><c>CL_PROGRAM_BUILD_STATUS</c>.</summary>
    public int BuildStatus => Status ?? (Result.Succeeded ? 0 : ClNames.BuildError);
}
