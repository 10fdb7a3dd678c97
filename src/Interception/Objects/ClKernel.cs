using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A kernel and the arguments that it has at the moment; each launch takes them along.</summary>
internal sealed unsafe partial class ClKernel : ClObject, IClKind
{
    private readonly KernelDescription _description;
    private readonly ParameterDescription[] _parameters;
    private readonly KernelArgument[] _arguments;
    private readonly bool[] _isSet;
    private readonly bool _isDescribed;

    private ClKernel(ClProgram program, in KernelDescription description)
    {
        Program = program;
        _description = description;
        _parameters = [.. description.Parameters];
        _arguments = new KernelArgument[_parameters.Length];
        _isSet = new bool[_parameters.Length];
        _isDescribed = !Array.Exists(_parameters, parameter => parameter.TypeName.Length == 0);
        Id = program.Stream.NextId();
        program.Attach();
    }

    public static int InvalidCode => OpenClErrors.InvalidKernel;

    public ulong Id { get; }

    public ClProgram Program { get; }

    public ClContext Context => Program.Context;

    public CommandStream Stream => Program.Stream;

    /// <summary>What the executor says of it.</summary>
    public KernelDescription Description => _description;

    /// <summary><c>clCreateKernel</c>.</summary>
    /// <exception cref="ClFailure">The program has no such kernel, or is not built.</exception>
    public static ClKernel Create(ClProgram program, string name)
    {
        foreach (KernelDescription kernel in program.Kernels)
        {
            if (kernel.Name == name)
                return Create(program, kernel);
        }
        throw new ClFailure(ClCodes.InvalidKernelName, name);
    }

    /// <summary>A kernel of the program.</summary>
    public static ClKernel Create(ClProgram program, in KernelDescription description)
    {
        var kernel = new ClKernel(program, description);
        kernel.Stream.Send(new CreateKernel(kernel.Id, program.Id, description.Name));
        return kernel;
    }

    /// <summary><c>clCloneKernel</c>: the same kernel with the same arguments.</summary>
    public ClKernel Clone()
    {
        ClKernel clone = Create(Program, _description);
        _arguments.CopyTo(clone._arguments, 0);
        _isSet.CopyTo(clone._isSet, 0);
        return clone;
    }

    /// <summary><c>clSetKernelArg</c>.</summary>
    /// <exception cref="ClFailure">There is no such argument, or it cannot be that.</exception>
    public void Set(uint index, nuint size, void* value)
    {
        ClFailure.Unless(index < _parameters.Length, OpenClErrors.InvalidArgIndex);
        ref readonly ParameterDescription parameter = ref _parameters[index];
        ArgumentKind kind = _isDescribed ? parameter.Kind : Guess(size, value);
        _arguments[index] = kind switch
        {
            ArgumentKind.Memory => MemoryArgument(parameter, size, value),
            ArgumentKind.Sampler => SamplerArgument(size, value),
            ArgumentKind.Local => LocalArgument(size, value),
            _ => ValueArgument(parameter, size, value),
        };
        _isSet[index] = true;
    }

    /// <summary>The arguments for a launch; they must have been sent before the next <see cref="Set"/>.</summary>
    /// <exception cref="ClFailure">One was never set.</exception>
    public ArgumentList Arguments()
    {
        ClFailure.Unless(!Array.Exists(_isSet, isSet => !isSet), OpenClErrors.InvalidKernelArgs);
        return _arguments;
    }

    protected override void Destroy()
    {
        Stream.Release(Id);
        Program.Detach();
    }

    /// <summary>A binary without argument info: eight bytes that are the handle of a live object are that object.</summary>
    private static ArgumentKind Guess(nuint size, void* value)
    {
        if (value is null)
            return ArgumentKind.Local;
        if (size != (nuint)sizeof(nint))
            return ArgumentKind.Value;
        nint handle = *(nint*)value;
        return HandleTable.Find<ClMemory>(handle) is not null ? ArgumentKind.Memory
            : HandleTable.Find<ClSampler>(handle) is not null ? ArgumentKind.Sampler
            : ArgumentKind.Value;
    }

    private KernelArgument MemoryArgument(in ParameterDescription parameter, nuint size, void* value)
    {
        ClFailure.Unless(size == (nuint)sizeof(nint), OpenClErrors.InvalidArgSize);
        if (value is null || *(nint*)value == 0)
            return KernelArgument.Memory(0);
        ClMemory memory = HandleTable.Get<ClMemory>(*(nint*)value);
        ClFailure.Unless(memory.Context == Context, OpenClErrors.InvalidMemObject);
        ClFailure.Unless(!_isDescribed || Allows(memory, parameter), OpenClErrors.InvalidArgValue);
        return KernelArgument.Memory(memory.Id);
    }

    /// <summary>Whether the memory is of the parameter's kind, and may be used by kernels as this one does.</summary>
    private static bool Allows(ClMemory memory, in ParameterDescription parameter)
    {
        if (parameter.Access == AccessQualifier.None)
            return memory is ClBuffer;
        bool writes = parameter.Access is AccessQualifier.WriteOnly or AccessQualifier.ReadWrite;
        bool reads = parameter.Access is AccessQualifier.ReadOnly or AccessQualifier.ReadWrite;
        return memory is ClImage
            && !(writes && (memory.Flags & (ulong)MemFlags.ReadOnly) != 0)
            && !(reads && (memory.Flags & (ulong)MemFlags.WriteOnly) != 0);
    }

    private static KernelArgument SamplerArgument(nuint size, void* value)
    {
        ClFailure.Unless(value is not null, OpenClErrors.InvalidSampler);
        ClFailure.Unless(size == (nuint)sizeof(nint), OpenClErrors.InvalidArgSize);
        return KernelArgument.Sampler(HandleTable.Get<ClSampler>(*(nint*)value).Id);
    }

    private static KernelArgument LocalArgument(nuint size, void* value)
    {
        ClFailure.Unless(value is null, OpenClErrors.InvalidArgValue);
        ClFailure.Unless(size > 0, OpenClErrors.InvalidArgSize);
        return KernelArgument.Local(size);
    }

    private static KernelArgument ValueArgument(in ParameterDescription parameter, nuint size, void* value)
    {
        ClFailure.Unless(value is not null, OpenClErrors.InvalidArgValue);
        ClFailure.Unless(
            size > 0 && size <= ProtocolLimits.MaxArgumentBytes && ParameterSizes.Fit(parameter, size),
            OpenClErrors.InvalidArgSize);
        return size switch
        {
            sizeof(uint) => KernelArgument.Value(MemoryMarshal.Read<uint>(new ReadOnlySpan<byte>(value, sizeof(uint)))),
            sizeof(ulong) => KernelArgument.Value(MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(value, sizeof(ulong)))),
            _ => KernelArgument.Value(new ReadOnlySpan<byte>(value, (int)size).ToArray()),
        };
    }
}
