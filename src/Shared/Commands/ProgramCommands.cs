namespace GpuActors.Shared.Commands;

/// <summary>Creates a program from OpenCL C, whose UTF-8 text follows in Data frames.</summary>
public readonly record struct CreateProgramWithSource(ulong Id, ulong Context, ulong DataBytes)
    : ICarriesData, IFrameBody<CreateProgramWithSource>
{
    public static Opcode Code => Opcode.CreateProgramWithSource;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => ProtocolLimits.MaxSourceBytes;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.U64(DataBytes);
    }

    public static CreateProgramWithSource Read(ref FrameReader reader) =>
        new(reader.U64("id"), reader.U64("context"), reader.U64("data bytes"));
}

/// <summary>
/// Creates a program from what <see cref="GetProgramBinary"/> gave, which follows in Data frames. Refused with
/// <c>CL_INVALID_BINARY</c> when it was built for another device or driver.
/// </summary>
public readonly record struct CreateProgramWithBinary(ulong Id, ulong Context, ulong DataBytes)
    : ICarriesData, IFrameBody<CreateProgramWithBinary>
{
    public static Opcode Code => Opcode.CreateProgramWithBinary;

    public Opcode Opcode => Code;

    public ulong DataBytesMax => ProtocolLimits.MaxBinaryBytes;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.U64(DataBytes);
    }

    public static CreateProgramWithBinary Read(ref FrameReader reader) =>
        new(reader.U64("id"), reader.U64("context"), reader.U64("data bytes"));
}

/// <summary>
/// Builds a program. The executor adds <c>-cl-kernel-arg-info</c>. A failed build is a <see cref="BuildResult"/> with
/// its log, not an Error; kernels of the program then fail.
/// </summary>
public readonly record struct BuildProgram(ulong Program, string Options = "")
    : ICommand<BuildResult>, IFrameBody<BuildProgram>
{
    public static Opcode Code => Opcode.BuildProgram;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Program);
        writer.Text(Options, ProtocolLimits.MaxTextBytes, "options");
    }

    public static BuildProgram Read(ref FrameReader reader) =>
        new(reader.U64("program"), reader.Text(ProtocolLimits.MaxTextBytes, "options"));
}

/// <summary>Compiles a program without linking it.</summary>
/// <param name="Program">Program from source.</param>
/// <param name="Options">Compiler options.</param>
/// <param name="Headers">Programs whose source is included.</param>
/// <param name="HeaderNames">The include name of each header, separated by line feeds.</param>
public readonly record struct CompileProgram(ulong Program, string Options, IdList Headers, string HeaderNames = "")
    : ICommand<BuildResult>, IFrameBody<CompileProgram>
{
    public static Opcode Code => Opcode.CompileProgram;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Program);
        writer.Text(Options, ProtocolLimits.MaxTextBytes, "options");
        writer.Ids(Headers, ProtocolLimits.MaxIds, "headers");
        writer.Text(HeaderNames, ProtocolLimits.MaxTextBytes, "header names");
    }

    public static CompileProgram Read(ref FrameReader reader) => new(
        reader.U64("program"), reader.Text(ProtocolLimits.MaxTextBytes, "options"),
        reader.Ids(ProtocolLimits.MaxIds, "headers"), reader.Text(ProtocolLimits.MaxTextBytes, "header names"));
}

/// <summary>Links compiled programs into the new program <paramref name="Id"/>.</summary>
public readonly record struct LinkProgram(ulong Id, ulong Context, string Options, IdList Programs)
    : ICommand<BuildResult>, IFrameBody<LinkProgram>
{
    public static Opcode Code => Opcode.LinkProgram;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.Text(Options, ProtocolLimits.MaxTextBytes, "options");
        writer.Ids(Programs, ProtocolLimits.MaxIds, "programs");
    }

    public static LinkProgram Read(ref FrameReader reader) => new(
        reader.U64("id"), reader.U64("context"), reader.Text(ProtocolLimits.MaxTextBytes, "options"),
        reader.Ids(ProtocolLimits.MaxIds, "programs"));
}

/// <summary>Asks for all kernels of a built program and their arguments.</summary>
public readonly record struct DescribeProgram(ulong Program)
    : ICommand<ProgramDescription>, IFrameBody<DescribeProgram>
{
    public static Opcode Code => Opcode.DescribeProgram;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.U64(Program);

    public static DescribeProgram Read(ref FrameReader reader) => new(reader.U64("program"));
}

/// <summary>
/// Asks for kernels of a built program from the one with index <paramref name="First"/> on: as many as one frame holds,
/// none when there are no more. For programs whose whole description is too long for a frame.
/// </summary>
public readonly record struct DescribeKernels(ulong Program, uint First)
    : ICommand<ProgramDescription>, IFrameBody<DescribeKernels>
{
    public static Opcode Code => Opcode.DescribeKernels;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Program);
        writer.U32(First);
    }

    public static DescribeKernels Read(ref FrameReader reader) => new(reader.U64("program"), reader.U32("first kernel"));
}

/// <summary>Asks for a program's binary, wrapped with the hash of its device: Data frames, then Done.</summary>
public readonly record struct GetProgramBinary(ulong Program) : ICommand<Done>, IFrameBody<GetProgramBinary>
{
    public static Opcode Code => Opcode.GetProgramBinary;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.U64(Program);

    public static GetProgramBinary Read(ref FrameReader reader) => new(reader.U64("program"));
}

/// <summary>Creates a kernel of a built program.</summary>
public readonly record struct CreateKernel(ulong Id, ulong Program, string Name) : ICommand, IFrameBody<CreateKernel>
{
    public static Opcode Code => Opcode.CreateKernel;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Program);
        writer.Text(Name, ProtocolLimits.MaxNameBytes, "kernel name");
    }

    public static CreateKernel Read(ref FrameReader reader) =>
        new(reader.U64("id"), reader.U64("program"), reader.Text(ProtocolLimits.MaxNameBytes, "kernel name"));
}

/// <summary>Launches a kernel with all of its arguments.</summary>
/// <param name="Enqueue">Queue, event, wait list.</param>
/// <param name="Kernel">Kernel id.</param>
/// <param name="Dimensions">1 to 3.</param>
/// <param name="Global">Work items in each dimension.</param>
/// <param name="Arguments">Every argument, by index.</param>
/// <param name="Local">Work items of a work group; <see cref="WorkSize.Zero"/> lets the device choose.</param>
/// <param name="Offset">Global id of the first work item.</param>
public readonly record struct LaunchKernel(
    Enqueue Enqueue, ulong Kernel, byte Dimensions, WorkSize Global, ArgumentList Arguments, WorkSize Local = default,
    WorkSize Offset = default)
    : IEnqueueCommand, IFrameBody<LaunchKernel>
{
    public static Opcode Code => Opcode.LaunchKernel;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64(Kernel);
        writer.U8(Dimensions);
        writer.Range(Offset);
        writer.Range(Global);
        writer.Range(Local);
        Arguments.Write(ref writer);
    }

    public static LaunchKernel Read(ref FrameReader reader)
    {
        Enqueue enqueue = Enqueue.Read(ref reader);
        ulong kernel = reader.U64("kernel");
        byte dimensions = reader.U8("dimensions");
        if (dimensions is < 1 or > 3)
            throw reader.Wrong("dimensions", $"is {dimensions}; 1, 2 or 3 is allowed");
        WorkSize offset = reader.Range("offset");
        WorkSize global = reader.Range("global size");
        WorkSize local = reader.Range("local size");
        return new LaunchKernel(enqueue, kernel, dimensions, global, ArgumentList.Read(ref reader), local, offset);
    }
}
