using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuActors.Interception.Leasing;

/// <summary>
/// Starts <c>pbm</c> from within a foreign program, which must not notice: it is no child of the program (whose waits for
/// any child must not meet it), has a session of its own (the terminal's keys are not for it), none of the program's
/// descriptors but standard error, and neither its signal mask nor what it ignores.
/// </summary>
internal static unsafe class Launcher
{
    /// <summary>Where it is; otherwise it lies beside the library.</summary>
    public const string Variable = "GPUACTORS_LAUNCHER";

    private const string FileName = "pbm";
    private const string Shell = "/bin/sh";

    /// <summary>
    /// The shell is the program's child, but only until it has started the other process. That one has standard input
    /// from descriptor 3, since the shell takes 0 from what it does not wait for.
    /// </summary>
    private const string Detached = "exec 3<&0; \"$0\" \"$@\" <&3 3<&- &";

    /// <summary>Beyond those that mean something to programs, which may have closed them.</summary>
    private const int LowestDescriptor = 16;

    /// <summary>What would act on the other process, not on the program, and so is none of its business.</summary>
    private static readonly string[] NotPassed = ["LD_PRELOAD", "LD_AUDIT"];

    private static readonly int[] Signals = [1, 2, 3, 13, 14, 15, 17]; // HUP INT QUIT PIPE ALRM TERM CHLD

    /// <summary>Starts it. It is told that this process has ended, or become another program, by the end of its standard input.</summary>
    /// <returns>A descriptor from which its standard output is read.</returns>
    /// <exception cref="IOException">It can't be started.</exception>
    public static int Start(IReadOnlyList<string> arguments)
    {
        string path = Find();
        (int life, int toLife) = Pipe();
        (int output, int toOutput) = Pipe();
        try
        {
            Run([Shell, "-c", Detached, path, .. arguments], life, toOutput);
            return output; // toLife stays open as long as this process is there
        }
        catch
        {
            Posix.Close(output);
            Posix.Close(toLife);
            throw;
        }
        finally
        {
            Posix.Close(life);
            Posix.Close(toOutput);
        }
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? Path.GetFullPath(named) : throw new IOException($"{Variable} names {named}, which is not there");
        string beside = Path.Combine(Path.GetDirectoryName(Posix.PathOfLibrary()) ?? "/", FileName);
        return File.Exists(beside)
            ? beside
            : throw new IOException($"it takes the program {FileName}, and there is no {beside}; name it in {Variable}");
    }

    /// <summary>Runs the shell to its end, which is near.</summary>
    private static void Run(string[] command, int input, int output)
    {
        // Both are opaque; glibc's are 80 and 336 bytes long.
        byte* actions = stackalloc byte[512];
        byte* attributes = stackalloc byte[1024];
        Posix.ThrowIfFailed(Posix.InitActions(actions), "posix_spawn_file_actions_init");
        Posix.ThrowIfFailed(Posix.InitAttributes(attributes), "posix_spawnattr_init");
        nint arguments = Vector(command);
        nint environment = Vector(PassedOn());
        try
        {
            Posix.ThrowIfFailed(Posix.AddDuplicate(actions, input, 0), "posix_spawn_file_actions_adddup2");
            Posix.ThrowIfFailed(Posix.AddDuplicate(actions, output, 1), "posix_spawn_file_actions_adddup2");
            Posix.ThrowIfFailed(Posix.AddCloseFrom(actions, 3), "posix_spawn_file_actions_addclosefrom_np");
            ForgetSignals(attributes);
            int process;
            int code = Posix.Spawn(&process, Shell, actions, attributes, arguments, environment);
            Posix.ThrowIfFailed(code, Shell);
            int status;
            while (Posix.WaitFor(process, &status, 0) < 0 && Posix.WasInterrupted())
            {
                // Any other failure: the program has waited for all its children meanwhile.
            }
        }
        finally
        {
            Free(arguments);
            Free(environment);
            _ = Posix.DestroyActions(actions);
            _ = Posix.DestroyAttributes(attributes);
        }
    }

    private static void ForgetSignals(byte* attributes)
    {
        const int SetBytes = 128;
        byte* none = stackalloc byte[SetBytes];
        byte* some = stackalloc byte[SetBytes];
        new Span<byte>(none, SetBytes).Clear();
        new Span<byte>(some, SetBytes).Clear();
        foreach (int signal in Signals)
            some[(signal - 1) / 8] |= (byte)(1 << ((signal - 1) % 8));
        Posix.ThrowIfFailed(Posix.SetMask(attributes, none), "posix_spawnattr_setsigmask");
        Posix.ThrowIfFailed(Posix.SetDefaults(attributes, some), "posix_spawnattr_setsigdefault");
        const short Flags = Posix.SetsSession | Posix.SetsMask | Posix.SetsDefaults;
        Posix.ThrowIfFailed(Posix.SetFlags(attributes, Flags), "posix_spawnattr_setflags");
    }

    /// <summary>A pipe whose ends close when this process becomes another program: what is read, what is written.</summary>
    private static (int Read, int Write) Pipe()
    {
        int* ends = stackalloc int[2];
        Posix.ThrowIfSet(Posix.Pipe(ends, Posix.CloseOnExec), "pipe2");
        return (Raise(ends[0]), Raise(ends[1]));
    }

    private static int Raise(int descriptor)
    {
        int raised = Posix.Control(descriptor, Posix.DuplicateCloseOnExec, LowestDescriptor);
        if (raised < 0)
            return descriptor;
        Posix.Close(descriptor);
        return raised;
    }

    private static IEnumerable<string> PassedOn()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (!NotPassed.Contains((string)variable.Key))
                yield return $"{variable.Key}={variable.Value}";
        }
    }

    /// <summary>Texts as C has them: addresses with a zero behind the last one.</summary>
    private static nint Vector(IEnumerable<string> texts)
    {
        byte[][] encoded = [.. texts.Select(text => Encoding.UTF8.GetBytes(text + '\0'))];
        nuint size = (nuint)(((encoded.Length + 1) * sizeof(nint)) + encoded.Sum(text => text.Length));
        var vector = (nint*)NativeMemory.Alloc(size);
        byte* at = (byte*)(vector + encoded.Length + 1);
        for (var i = 0; i < encoded.Length; i++)
        {
            vector[i] = (nint)at;
            encoded[i].CopyTo(new Span<byte>(at, encoded[i].Length));
            at += encoded[i].Length;
        }
        vector[encoded.Length] = 0;
        return (nint)vector;
    }

    private static void Free(nint vector) => NativeMemory.Free((void*)vector);
}
