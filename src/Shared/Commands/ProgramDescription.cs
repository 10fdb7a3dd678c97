namespace GpuActors.Shared.Commands;

/// <summary>Where a kernel argument points; values of the standard minus 0x119B.</summary>
public enum AddressQualifier : byte
{
    Global = 0,
    Local = 1,
    Constant = 2,
    Private = 3,
}

/// <summary>How a kernel uses an image argument; values of the standard minus 0x11A0.</summary>
public enum AccessQualifier : byte
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    None = 3,
}

/// <summary>Qualifiers of what an argument points to; the standard's bits.</summary>
[Flags]
public enum TypeQualifiers : byte
{
    None = 0,
    Const = 1,
    Restrict = 2,
    Volatile = 4,
    Pipe = 8,
}

/// <summary>One parameter of a kernel.</summary>
/// <param name="Name">As in the source; empty where the build kept no names.</param>
/// <param name="TypeName">As in the source, such as <c>float*</c>.</param>
/// <param name="Kind">Tells a <c>cl_mem</c> from a <c>ulong</c> of the same eight bytes.</param>
/// <param name="Address">Address space.</param>
/// <param name="Access">Of images.</param>
/// <param name="Qualifiers">A <c>const</c> pointer is not written by the kernel.</param>
public readonly record struct ParameterDescription(
    string Name, string TypeName, ArgumentKind Kind, AddressQualifier Address, AccessQualifier Access,
    TypeQualifiers Qualifiers)
{
    internal const int WireBytesMin = 12;

    internal void Write(ref FrameWriter writer)
    {
        writer.U8((byte)Kind);
        writer.U8((byte)Address);
        writer.U8((byte)Access);
        writer.U8((byte)Qualifiers);
        writer.Text(Name, ProtocolLimits.MaxTextBytes, "parameter name");
        writer.Text(TypeName, ProtocolLimits.MaxTextBytes, "type name");
    }

    internal static ParameterDescription Read(ref FrameReader reader)
    {
        var kind = (ArgumentKind)reader.U8("kind");
        var address = (AddressQualifier)reader.U8("address qualifier");
        var access = (AccessQualifier)reader.U8("access qualifier");
        var qualifiers = (TypeQualifiers)reader.U8("type qualifiers");
        return new ParameterDescription(
            reader.Text(ProtocolLimits.MaxTextBytes, "parameter name"),
            reader.Text(ProtocolLimits.MaxTextBytes, "type name"), kind, address, access, qualifiers);
    }
}

/// <summary>One kernel of a program.</summary>
/// <param name="Name">Kernel name.</param>
/// <param name="Attributes"><c>CL_KERNEL_ATTRIBUTES</c>.</param>
/// <param name="RequiredWorkGroup"><c>reqd_work_group_size</c>, or zero.</param>
/// <param name="MaxWorkGroupSize">Largest work group of this kernel on the session's device.</param>
/// <param name="WorkGroupMultiple">Preferred multiple of the work group's size.</param>
/// <param name="LocalMemoryBytes">Local memory that the kernel itself uses.</param>
/// <param name="PrivateMemoryBytes">Private memory of a work item.</param>
/// <param name="Parameters">By argument index.</param>
public readonly record struct KernelDescription(
    string Name, string Attributes, WorkSize RequiredWorkGroup, ulong MaxWorkGroupSize, ulong WorkGroupMultiple,
    ulong LocalMemoryBytes, ulong PrivateMemoryBytes, IReadOnlyList<ParameterDescription> Parameters)
{
    internal const int WireBytesMin = 68;

    internal void Write(ref FrameWriter writer)
    {
        writer.Text(Name, ProtocolLimits.MaxTextBytes, "kernel name");
        writer.Text(Attributes, ProtocolLimits.MaxTextBytes, "attributes");
        writer.Range(RequiredWorkGroup);
        writer.U64(MaxWorkGroupSize);
        writer.U64(WorkGroupMultiple);
        writer.U64(LocalMemoryBytes);
        writer.U64(PrivateMemoryBytes);
        writer.Count(Parameters.Count, ProtocolLimits.MaxKernelArguments, "parameters");
        foreach (ParameterDescription parameter in Parameters)
            parameter.Write(ref writer);
    }

    internal static KernelDescription Read(ref FrameReader reader)
    {
        string name = reader.Text(ProtocolLimits.MaxTextBytes, "kernel name");
        string attributes = reader.Text(ProtocolLimits.MaxTextBytes, "attributes");
        WorkSize required = reader.Range("required work group");
        ulong max = reader.U64("largest work group");
        ulong multiple = reader.U64("work group multiple");
        ulong local = reader.U64("local memory");
        ulong @private = reader.U64("private memory");
        var parameters = new ParameterDescription[
            reader.Count(ProtocolLimits.MaxKernelArguments, ParameterDescription.WireBytesMin, "parameters")];
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] = ParameterDescription.Read(ref reader);
        return new KernelDescription(name, attributes, required, max, multiple, local, @private, parameters);
    }
}

/// <summary>All kernels of a program.</summary>
public readonly record struct ProgramDescription(IReadOnlyList<KernelDescription> Kernels)
    : IFrameBody<ProgramDescription>
{
    public static Opcode Code => Opcode.ProgramDescription;

    public Opcode Opcode => Code;

    /// <summary>The kernel of that name, or null.</summary>
    public KernelDescription? Find(string name)
    {
        foreach (KernelDescription kernel in Kernels)
        {
            if (kernel.Name == name)
                return kernel;
        }
        return null;
    }

    public void Write(ref FrameWriter writer)
    {
        writer.Count(Kernels.Count, ProtocolLimits.MaxEntries, "kernels");
        foreach (KernelDescription kernel in Kernels)
            kernel.Write(ref writer);
    }

    public static ProgramDescription Read(ref FrameReader reader)
    {
        var kernels = new KernelDescription[
            reader.Count(ProtocolLimits.MaxEntries, KernelDescription.WireBytesMin, "kernels")];
        for (var i = 0; i < kernels.Length; i++)
            kernels[i] = KernelDescription.Read(ref reader);
        return new ProgramDescription(kernels);
    }
}
