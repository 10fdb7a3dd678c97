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
        var program = new ClProgram(context, devices, null, ProgramState.New);
        for (var slice = 0; slice < context.Streams.Length; slice++)
        {
            int first = Array.FindIndex(devices, device => context.SliceOf(device) == slice);
            if (first >= 0)
                program.Load(slice, new ReadOnlySpan<byte>(binaries[first], checked((int)lengths[first])));
        }
        return program;
    }

    /// <summary>The first code with which a build for one of its devices failed; 0 if none did.</summary>
    public int FailureOf(ClDevice[] devices) =>
        Array.Find(Array.ConvertAll(devices, device => StateOf(device).Result.Code), code => code != OpenClErrors.Success);

    /// <summary>How the last build for a device ended, or how far it is.</summary>
    public ProgramState StateOf(ClDevice device) => Volatile.Read(ref _builds[Context.SliceOf(device)]!.State);

    /// <summary>Whether there is code for a device, compiled or linked or loaded.</summary>
    public bool HasCodeFor(ClDevice device) =>
        Context.SliceOf(device) is var slice && _builds[slice] is not null
        && Settled(slice).BinaryType != ClNames.BinaryNone;

    /// <summary>Whether its kernels can run on a slice.</summary>
    public bool IsExecutableOn(int slice) => _builds[slice] is not null && Settled(slice).IsExecutable;

    /// <summary>All kernels of the built program, as one of its devices has them.</summary>
    /// <exception cref="ClFailure">It is not built.</exception>
    public KernelDescription[] Kernels
    {
        get
        {
            var slice = 0;
            while (slice < _builds.Length && !IsExecutableOn(slice))
                slice++;
            ClFailure.Unless(slice < _builds.Length, OpenClErrors.InvalidProgramExecutable);
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
        KernelDescription[] kernels = Describe(Context.Streams[slice]);
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

    private unsafe void Load(int slice, ReadOnlySpan<byte> binary)
    {
        byte[] content = binary.ToArray();
        (uint type, bool hasArgumentInfo) = TakeBinaryNote(content);
        HasArgumentInfo = hasArgumentInfo;
        _builds[slice]!.State = ProgramState.New with { BinaryType = type };
        fixed (byte* start = content)
        {
            Context.Streams[slice].Send(
                new CreateProgramWithBinary(Id, Context.Id, (ulong)content.Length), new PlainData(start, (ulong)content.Length));
        }
    }

    private KernelDescription[] Describe(CommandStream stream)
    {
        try
        {
            return [.. stream.Ask<DescribeProgram, ProgramDescription>(new DescribeProgram(Id)).Kernels];
        }
        catch (ClFailure failure) when (failure.Code == OpenClErrors.OutOfResources && !stream.IsLost)
        {
            // Too much for one frame.
            var kernels = new List<KernelDescription>();
            while (stream.Ask<DescribeKernels, ProgramDescription>(new DescribeKernels(Id, (uint)kernels.Count))
                is { Kernels: { Count: > 0 } page })
            {
                kernels.AddRange(page);
            }
            return [.. kernels];
        }
    }

    /// <summary>The program on one slice.</summary>
    private sealed class SliceBuild
    {
        public ProgramState State = ProgramState.New;
        public Reply? Building;
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

    /// <summary>Whether it has kernels.</summary>
    public bool IsExecutable => Status is null && Result.Succeeded && BinaryType == ClNames.BinaryExecutable;

    /// <summary><c>CL_PROGRAM_BUILD_STATUS</c>.</summary>
    public int BuildStatus => Status ?? (Result.Succeeded ? 0 : ClNames.BuildError);
}
