using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

internal sealed unsafe partial class ClKernel
{
    /// <summary><c>clGetKernelInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer) => name switch
    {
        ClNames.KernelFunctionName => answer.Text(_description.Name),
        ClNames.KernelNumArgs => answer.Value((uint)_parameters.Length),
        ClNames.KernelReferenceCount => answer.Value(References),
        ClNames.KernelContext => answer.Value(Context.Handle),
        ClNames.KernelProgram => answer.Value(Program.Handle),
        ClNames.KernelAttributes => answer.Text(_description.Attributes),
        _ => OpenClErrors.InvalidValue,
    };

    /// <summary><c>clGetKernelArgInfo</c>.</summary>
    public int ArgumentInfo(uint index, uint name, InfoAnswer answer)
    {
        if (index >= _parameters.Length)
            return OpenClErrors.InvalidArgIndex;
        if (!_isDescribed || !Program.HasArgumentInfo)
            return ClCodes.KernelArgInfoNotAvailable;
        ref readonly ParameterDescription parameter = ref _parameters[index];
        return name switch
        {
            ClNames.KernelArgAddressQualifier =>
                answer.Value(ClNames.KernelArgAddressGlobal + (uint)parameter.Address),
            ClNames.KernelArgAccessQualifier =>
                answer.Value(ClNames.KernelArgAccessReadOnly + (uint)parameter.Access),
            ClNames.KernelArgTypeName => answer.Text(parameter.TypeName),
            ClNames.KernelArgTypeQualifier => answer.Value((ulong)parameter.Qualifiers),
            ClNames.KernelArgName => answer.Text(parameter.Name),
            _ => OpenClErrors.InvalidValue,
        };
    }

    /// <summary><c>clGetKernelWorkGroupInfo</c>.</summary>
    public int WorkGroupInfo(ClDevice device, uint name, InfoAnswer answer)
    {
        ClFailure.Unless(Program.Devices.Contains(device), OpenClErrors.InvalidDevice);
        KernelDescription description = DescriptionFor(device);
        WorkSize required = description.RequiredWorkGroup;
        return name switch
        {
            ClNames.KernelWorkGroupSize => answer.Value((nuint)description.MaxWorkGroupSize),
            ClNames.KernelCompileWorkGroupSize => answer.Array<nuint>(
                [(nuint)required.X, (nuint)required.Y, (nuint)required.Z]),
            ClNames.KernelLocalMemSize => answer.Value(description.LocalMemoryBytes + LocalArgumentBytes()),
            ClNames.KernelPreferredWorkGroupSizeMultiple => answer.Value((nuint)description.WorkGroupMultiple),
            ClNames.KernelPrivateMemSize => answer.Value(description.PrivateMemoryBytes),
            // A global size is that of custom devices and built-in kernels only.
            _ => OpenClErrors.InvalidValue,
        };
    }

    /// <summary>A launch has the local memory that the kernel and its arguments want.</summary>
    /// <exception cref="ClFailure">The device has not as much.</exception>
    public void CheckLocalMemory(ClDevice device)
    {
        if (!Array.Exists(_arguments, argument => argument.Kind == ArgumentKind.Local))
            return; // what it uses of its own, its build has answered for
        ClFailure.Unless(
            _description.LocalMemoryBytes + LocalArgumentBytes() <= device.Number<ulong>(ClNames.DeviceLocalMemSize),
            OpenClErrors.OutOfResources);
    }

    private ulong LocalArgumentBytes()
    {
        ulong bytes = 0;
        foreach (KernelArgument argument in _arguments)
            bytes += argument.Kind == ArgumentKind.Local ? argument.Number : 0;
        return bytes;
    }
}
