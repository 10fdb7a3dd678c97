using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>A driver's program with what was learnt of its kernels; shared by the cache and by programs of sessions.</summary>
internal sealed class ProgramHandle(nint handle)
{
    private int _references = 1;

    public nint Handle => handle;

    /// <summary>Signatures of kernels that were created already, by name.</summary>
    public Dictionary<string, KernelSignature> Signatures { get; } = [];

    /// <summary>What its kernels are, once somebody has asked.</summary>
    public IReadOnlyList<KernelDescription>? Kernels { get; set; }

    public ProgramHandle Retain()
    {
        _references++;
        return this;
    }

    public void Release()
    {
        if (--_references == 0)
            OpenClException.ThrowIfFailed(Cl.ReleaseProgram(handle), "clReleaseProgram");
    }
}

/// <summary>
/// A program of the session. One from source has no driver's program until it is built, so that a build found in the
/// cache costs nothing at all.
/// </summary>
internal sealed unsafe class ProgramObject(ulong id, ContextObject context, byte[]? source) : SessionObject(id)
{
    private ProgramHandle? _handle;

    public override string Kind => "program";

    public ContextObject Context => context;

    /// <summary>UTF-8 of OpenCL C, or null for a program from a binary or from linking.</summary>
    public byte[]? Source => source;

    /// <summary>Whether it can be asked for kernels.</summary>
    public bool IsBuilt { get; set; }

    /// <summary>Result of the last build, compile or link.</summary>
    public BuildResult? LastBuild { get; set; }

    /// <summary>The driver's program, or null before the first build of a program from source.</summary>
    public ProgramHandle? Handle
    {
        get => _handle;
        set
        {
            _handle?.Release();
            _handle = value;
        }
    }

    /// <summary>The driver's program, made from the source if it is not there yet.</summary>
    public ProgramHandle Materialize() => _handle ??= CreateFromSource();

    /// <summary>A new driver's program from the source.</summary>
    public ProgramHandle CreateFromSource()
    {
        if (source is null)
            throw new CommandFailure(OpenClErrors.InvalidOperation, $"program {Id} has no source", Id);
        fixed (byte* text = source.Length == 0 ? " "u8 : source)
        {
            byte* start = text;
            var length = (nuint)Math.Max(1, source.Length);
            int code;
            nint handle = Cl.CreateProgramWithSource(context.Handle, 1, &start, &length, &code);
            CommandFailure.ThrowIfFailed(code, "clCreateProgramWithSource", Id);
            return new ProgramHandle(handle);
        }
    }

    public override void Release() => Handle = null;

    /// <summary>The build log of a device, cut in the middle when it is too long for a frame.</summary>
    public static string ReadLog(nint program, nint device)
    {
        nuint size = 0;
        int code = Cl.GetProgramBuildInfo(program, device, ClNames.ProgramBuildLog, 0, null, &size);
        if (code != OpenClErrors.Success || size == 0 || size > int.MaxValue)
            return "";
        var log = new byte[size];
        fixed (byte* pointer = log)
        {
            _ = Cl.GetProgramBuildInfo(program, device, ClNames.ProgramBuildLog, size, pointer, null);
        }
        return Cut(Encoding.UTF8.GetString(log).TrimEnd('\0').Trim());
    }

    private static string Cut(string log)
    {
        const int KeptEnd = 8 << 10;
        const int KeptStart = (ProtocolLimits.MaxLogBytes / 3) - KeptEnd - 100; // a character may take three bytes
        return log.Length <= KeptStart + KeptEnd
            ? log
            : $"{log[..KeptStart]}\n… {log.Length - KeptStart - KeptEnd} characters left out …\n{log[^KeptEnd..]}";
    }
}
