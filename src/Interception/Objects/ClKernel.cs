using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
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
    private readonly ClMemory?[]? _memories; // what the arguments are, in a context of several slices
    private readonly KernelDescription?[]? _descriptions; // by slice, in such a context; null where it is not

    private ClKernel(ClProgram program, in KernelDescription description)
    {
        Program = program;
        _description = description;
        _parameters = [.. description.Parameters];
        _arguments = new KernelArgument[_parameters.Length];
        _isSet = new bool[_parameters.Length];
        _isDescribed = !Array.Exists(_parameters, parameter => parameter.TypeName.Length == 0);
        Id = Context.Streams[0].NextId();
        if (Context.IsShared)
        {
            _memories = new ClMemory?[_parameters.Length];
            _descriptions = new KernelDescription?[Context.Streams.Length];
        }
        program.Attach();
    }

    public static int InvalidCode => OpenClErrors.InvalidKernel;

    public ulong Id { get; }

    public ClProgram Program { get; }

    public ClContext Context => Program.Context;

    /// <summary>What the executor of a device says of it.</summary>
    /// <exception cref="ClFailure">The program was not built for it when the kernel was made.</exception>
    public KernelDescription DescriptionFor(ClDevice device) => _descriptions is null
        ? _description
        : _descriptions[Context.SliceOf(device)] ?? throw new ClFailure(OpenClErrors.InvalidProgramExecutable);

    /// <summary>The memory that a launch uses, in a context of several slices; otherwise nothing.</summary>
    public MemoryUse[] Uses()
    {
        if (_memories is null)
            return [];
        var uses = new List<MemoryUse>(_memories.Length);
        for (var i = 0; i < _memories.Length; i++)
        {
            if (_memories[i] is { } memory)
                uses.Add(new MemoryUse(memory, Writes(_parameters[i], memory) ? MemoryAccess.Write : MemoryAccess.Read));
        }
        return [.. uses];
    }

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
        var creation = new CreateKernel(kernel.Id, program.Id, description.Name);
        if (kernel._descriptions is null)
            program.Context.Streams[0].Send(creation);
        else
            kernel.MakeOnEach(creation);
        return kernel;
    }

    /// <summary><c>clCloneKernel</c>: the same kernel with the same arguments.</summary>
    public ClKernel Clone()
    {
        ClKernel clone = Create(Program, _description);
        _arguments.CopyTo(clone._arguments, 0);
        _isSet.CopyTo(clone._isSet, 0);
        _memories?.CopyTo(clone._memories!, 0);
        return clone;
    }

    /// <summary><c>clSetKernelArg</c>.</summary>
    /// <exception cref="ClFailure">There is no such argument, or it cannot be that.</exception>
    public void Set(uint index, nuint size, void* value)
    {
        ClFailure.Unless(index < _parameters.Length, OpenClErrors.InvalidArgIndex);
        ref readonly ParameterDescription parameter = ref _parameters[index];
        ArgumentKind kind = _isDescribed ? parameter.Kind : Guess(size, value);
        ClMemory? memory = null;
        _arguments[index] = kind switch
        {
            ArgumentKind.Memory => MemoryArgument(parameter, size, value, out memory),
            ArgumentKind.Sampler => SamplerArgument(size, value),
            ArgumentKind.Local => LocalArgument(size, value),
            _ => ValueArgument(parameter, size, value),
        };
        _isSet[index] = true;
        if (_memories is not null)
            _memories[index] = memory;
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
        for (var slice = 0; slice < Context.Streams.Length; slice++)
        {
            if (_descriptions is null || _descriptions[slice] is not null)
                Context.Streams[slice].Release(Id);
        }
        Program.Detach();
    }

    /// <summary>In a context of several slices: on each for which the program is built.</summary>
    private void MakeOnEach(in CreateKernel creation)
    {
        for (var slice = 0; slice < _descriptions!.Length; slice++)
        {
            if (!Program.IsExecutableOn(slice) || Context.CanLeaveOut(slice))
                continue;
            foreach (KernelDescription there in Program.KernelsOn(slice))
            {
                if (there.Name != _description.Name)
                    continue;
                Context.Streams[slice].Send(creation);
                _descriptions[slice] = there;
            }
        }
    }

    /// <summary>Whether the kernel may write to an argument: what a binary does not tell, it may.</summary>
    private bool Writes(in ParameterDescription parameter, ClMemory memory)
    {
        if ((memory.Flags & (ulong)MemFlags.ReadOnly) != 0)
            return false;
        if (!_isDescribed)
            return true;
        return memory is ClImage
            ? parameter.Access != AccessQualifier.ReadOnly
            : parameter.Address != AddressQualifier.Constant
                && (parameter.Qualifiers & TypeQualifiers.Const) == 0;
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

    private KernelArgument MemoryArgument(in ParameterDescription parameter, nuint size, void* value, out ClMemory? memory)
    {
        memory = null;
        ClFailure.Unless(size == (nuint)sizeof(nint), OpenClErrors.InvalidArgSize);
        if (value is null || *(nint*)value == 0)
            return KernelArgument.Memory(0);
        memory = HandleTable.Get<ClMemory>(*(nint*)value);
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
