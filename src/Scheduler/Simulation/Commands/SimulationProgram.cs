using System.Runtime.InteropServices;
using GpuActors.Shared.Simulation;

namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary>
/// <c>GpuActors.Scheduler simulate ...</c> and <c>size ...</c>: results go to standard output, all else to standard
/// error; exit codes are those of the shell.
/// </summary>
internal static class SimulationProgram
{
    private const int Failed = 1;
    private const int Usage = 2;
    private const int Interrupted = 130;
    private const int Terminated = 143;

    /// <summary>The arguments are for one of these commands, not for a node.</summary>
    public static bool IsMeant(IReadOnlyList<string> arguments) =>
        arguments.Count > 0 && CommandNamed(arguments[0]) is not null;

    /// <summary>Runs the command; gives the exit code.</summary>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, TimeProvider time)
    {
        using var ending = new CancellationTokenSource();
        var exit = Interrupted;
        Action<PosixSignalContext> end = context =>
        {
            context.Cancel = true;
            exit = context.Signal == PosixSignal.SIGTERM ? Terminated : Interrupted;
            ending.Cancel();
        };
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, end);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, end);
        var command = CommandNamed(arguments[0])!;
        try
        {
            var line = new CommandLine(command, [.. arguments.Skip(1)]);
            var progress = new ProgressDisplay(error, !Console.IsErrorRedirected, time);
            var context = new CommandContext(line, output, error, progress, time, ending.Token);
            return ReferenceEquals(command, SimulationCommands.Simulate)
                ? SimulateCommand.Run(context) : SizeCommand.Run(context);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            error.WriteLine("interrupted");
            return exit;
        }
        catch (SimulationInputException e)
        {
            error.WriteLine($"error: {e.Message}");
            return Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            error.WriteLine($"error: {e.Message}");
            return Failed;
        }
    }

    private static CommandDescription? CommandNamed(string name) =>
        name == SimulationCommands.Simulate.Name ? SimulationCommands.Simulate
            : name == SimulationCommands.Size.Name ? SimulationCommands.Size
            : null;
}

/// <summary>What a command gets from the program.</summary>
/// <param name="Line">Its options.</param>
/// <param name="Output">Results.</param>
/// <param name="Error">What else there is to say.</param>
/// <param name="Progress">Shows how far it is.</param>
/// <param name="Time">The clock by which decisions are timed.</param>
/// <param name="Ending">Ends it.</param>
internal sealed record CommandContext(
    CommandLine Line,
    TextWriter Output,
    TextWriter Error,
    ProgressDisplay Progress,
    TimeProvider Time,
    CancellationToken Ending);
