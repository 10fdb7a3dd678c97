using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// A program. Builds are waited for; what its kernels are is asked for once a build, and its binary once it is wanted.
/// </summary>
internal sealed partial class ClProgram : ClObject, IClKind
{
    private readonly byte[]? _source;
    private readonly Lock _gate = new();
    private ProgramState _state;
    private KernelDescription[]? _kernels;
    private byte[]? _binary;
    private int _kernelCount;

    private ClProgram(ClContext context, ClDevice[] devices, byte[]? source, ProgramState state)
    {
        Context = context;
        Devices = devices;
        _source = source;
        _state = state;
        Id = context.Stream.NextId();
        context.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidProgram;

    public ulong Id { get; }

    public ClContext Context { get; }

    /// <summary>The devices that it is for.</summary>
    public ClDevice[] Devices { get; }

    public CommandStream Stream => Context.Stream;

    /// <summary>How the last build ended.</summary>
    public ProgramState State => Volatile.Read(ref _state);

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
            program.Stream.Send(
                new CreateProgramWithSource(program.Id, context.Id, (ulong)source.Length),
                new PlainData(start, (ulong)source.Length));
        }
        return program;
    }

    /// <summary><c>clCreateProgramWithBinary</c>, of what <see cref="Info"/> gave.</summary>
    /// <exception cref="ClFailure">It was not made here, or for another device or driver.</exception>
    public static unsafe ClProgram FromBinary(ClContext context, ClDevice[] devices, byte* binary, ulong bytes)
    {
        byte[] content = new ReadOnlySpan<byte>(binary, checked((int)bytes)).ToArray();
        (uint type, bool hasArgumentInfo) = TakeBinaryNote(content);
        var program = new ClProgram(context, devices, null, ProgramState.New with { BinaryType = type })
        {
            HasArgumentInfo = hasArgumentInfo,
        };
        fixed (byte* start = content)
        {
            program.Stream.Send(
                new CreateProgramWithBinary(program.Id, context.Id, bytes), new PlainData(start, bytes));
        }
        return program;
    }

    /// <summary>All kernels of the built program.</summary>
    /// <exception cref="ClFailure">It is not built.</exception>
    public KernelDescription[] Kernels
    {
        get
        {
            ClFailure.Unless(Settled().IsExecutable, OpenClErrors.InvalidProgramExecutable);
            if (Volatile.Read(ref _kernels) is { } known)
                return known;
            KernelDescription[] kernels = Describe();
            Volatile.Write(ref _kernels, kernels);
            return kernels;
        }
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
        Stream.Release(Id);
        Context.Drop();
        Destructors.Run(Handle);
    }

    private KernelDescription[] Describe()
    {
        try
        {
            return [.. Stream.Ask<DescribeProgram, ProgramDescription>(new DescribeProgram(Id)).Kernels];
        }
        catch (ClFailure failure) when (failure.Code == OpenClErrors.OutOfResources && !Stream.IsLost)
        {
            // Too much for one frame.
            var kernels = new List<KernelDescription>();
            while (Stream.Ask<DescribeKernels, ProgramDescription>(new DescribeKernels(Id, (uint)kernels.Count))
                is { Kernels: { Count: > 0 } page })
            {
                kernels.AddRange(page);
            }
            return [.. kernels];
        }
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
