using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// The parameters of a kernel, from the argument info of its build. Eight bytes may be a memory object or a number;
/// only this tells, and a number taken for an object would crash the driver.
/// </summary>
internal sealed unsafe class KernelSignature
{
    private KernelSignature(ParameterDescription[] parameters, bool isKnown)
    {
        Parameters = parameters;
        IsKnown = isKnown;
    }

    public ParameterDescription[] Parameters { get; }

    /// <summary>False for a binary without argument info.</summary>
    public bool IsKnown { get; }

    /// <summary>Reads the signature of a kernel.</summary>
    public static KernelSignature Read(nint kernel)
    {
        uint count = 0;
        OpenClException.ThrowIfFailed(
            Cl.GetKernelInfo(kernel, ClNames.KernelNumArgs, sizeof(uint), &count, null), "clGetKernelInfo");
        var parameters = new ParameterDescription[count];
        var known = true;
        for (uint i = 0; i < count; i++)
        {
            parameters[i] = ReadParameter(kernel, i, out bool isKnown);
            known &= isKnown;
        }
        return new KernelSignature(parameters, known);
    }

    /// <summary>Throws unless the arguments are as many and of the kinds that the kernel takes.</summary>
    public void Check(in ArgumentList arguments, ulong kernel)
    {
        if (arguments.Count != Parameters.Length)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidKernelArgs,
                $"the kernel takes {Parameters.Length} arguments, {arguments.Count} were given", kernel);
        }
        if (!IsKnown)
            return;
        for (var i = 0; i < Parameters.Length; i++)
        {
            if (arguments.Span[i].Kind != Parameters[i].Kind)
                throw WrongKind(i, arguments.Span[i].Kind, kernel);
        }
    }

    private CommandFailure WrongKind(int index, ArgumentKind given, ulong kernel)
    {
        ParameterDescription parameter = Parameters[index];
        return new CommandFailure(
            OpenClErrors.InvalidArgValue,
            $"argument {index} ({parameter.TypeName} {parameter.Name}) is of kind {parameter.Kind}, given was {given}",
            kernel);
    }

    private static ParameterDescription ReadParameter(nint kernel, uint index, out bool isKnown)
    {
        InfoCall info = (name, size, value, needed) => Cl.GetKernelArgInfo(kernel, index, name, size, value, needed);
        isKnown = InfoReader.TryRead(info, ClNames.KernelArgAddressQualifier) is not null;
        if (!isKnown)
            return new ParameterDescription("", "", ArgumentKind.Value, default, AccessQualifier.None, default);
        var address = (AddressQualifier)(InfoReader.ReadNumber(info, ClNames.KernelArgAddressQualifier)
            - ClNames.KernelArgAddressGlobal);
        var access = (AccessQualifier)(InfoReader.ReadNumber(info, ClNames.KernelArgAccessQualifier)
            - ClNames.KernelArgAccessReadOnly);
        string type = InfoReader.ReadText(info, ClNames.KernelArgTypeName);
        return new ParameterDescription(
            InfoReader.ReadText(info, ClNames.KernelArgName), type, KindOf(type, address, access), address, access,
            (TypeQualifiers)InfoReader.ReadNumber(info, ClNames.KernelArgTypeQualifier));
    }

    private static ArgumentKind KindOf(string type, AddressQualifier address, AccessQualifier access) => address switch
    {
        AddressQualifier.Local => ArgumentKind.Local,
        AddressQualifier.Global or AddressQualifier.Constant => ArgumentKind.Memory,
        _ when type is "sampler_t" => ArgumentKind.Sampler,
        _ when access != AccessQualifier.None => ArgumentKind.Memory, // an image: nothing else has such a qualifier
        _ => ArgumentKind.Value,
    };

    /// <summary>Full description of a kernel for the client.</summary>
    public KernelDescription Describe(nint kernel, nint device)
    {
        InfoCall info = (name, size, value, needed) => Cl.GetKernelInfo(kernel, name, size, value, needed);
        InfoCall group = (name, size, value, needed) =>
            Cl.GetKernelWorkGroupInfo(kernel, device, name, size, value, needed);
        ReadOnlySpan<ulong> required = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(
            InfoReader.TryRead(group, ClNames.KernelCompileWorkGroupSize) ?? new byte[3 * sizeof(ulong)]);
        return new KernelDescription(
            InfoReader.ReadText(info, ClNames.KernelFunctionName), InfoReader.ReadText(info, ClNames.KernelAttributes),
            new WorkSize(required[0], required[1], required[2]),
            InfoReader.ReadNumber(group, ClNames.KernelWorkGroupSize),
            InfoReader.ReadNumber(group, ClNames.KernelPreferredWorkGroupSizeMultiple),
            InfoReader.ReadNumber(group, ClNames.KernelLocalMemSize),
            InfoReader.ReadNumber(group, ClNames.KernelPrivateMemSize), Parameters);
    }
}
