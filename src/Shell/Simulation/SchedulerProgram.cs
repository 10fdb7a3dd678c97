using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuActors.Shell.Commands;

namespace GpuActors.Shell.Simulation;

/// <summary>
/// Runs the scheduler's program in this one's place: it has the same terminal, gets the same signals, and its exit code
/// is the shell's.
/// </summary>
internal static partial class SchedulerProgram
{
    /// <summary>Where it is: a .NET assembly, or anything that can be run. The <c>pbm</c> script sets it.</summary>
    public const string Variable = "GPUACTORS_SCHEDULER";

    /// <summary>Tells the <c>pbm</c> script which program it is asked for.</summary>
    private const string WantedProgram = "GPUACTORS_PROGRAM";

    private const string AssemblyName = "GpuActors.Scheduler.dll";

    public static async Task<int> RunAsync(CommandCall call, IReadOnlyList<string> arguments)
    {
        var start = StartOf(call, arguments);
        using var process = Process.Start(start)
            ?? throw new UsageException($"{start.FileName} cannot be run.");
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Pass(process, signal: 2));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Pass(process, signal: 15));

        // Not cancelled by the shell's own Ctrl-C: the program has the signal too, and ends with what it can still say.
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static ProcessStartInfo StartOf(CommandCall call, IReadOnlyList<string> arguments)
    {
        var program = call.Environment.Variable(Variable) is { Length: > 0 } named ? named : BesideTheShell();
        var isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isAssembly ? "dotnet" : program)
        {
            WorkingDirectory = call.Environment.WorkingFolder,
        };
        start.Environment[WantedProgram] = "scheduler";
        foreach (var argument in isAssembly ? arguments.Prepend(program) : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static string BesideTheShell()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, AssemblyName);
        return File.Exists(beside)
            ? beside
            : throw new UsageException(
                $"The simulator is part of the scheduler's program, and there is no {beside}. Start the shell with "
                    + $"./pbm, which builds it, or name it in {Variable}.");
    }

    private static Action<PosixSignalContext> Pass(Process process, int signal) => context =>
    {
        context.Cancel = true;
        if (!process.HasExited)
        {
            _ = Kill(process.Id, signal);
        }
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
