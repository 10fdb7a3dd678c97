using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// The signals of this process while it gets a GPU for a program and runs it: before the program they end the waiting,
/// then they are the program's.
/// </summary>
internal sealed partial class ProgramSignals : IDisposable
{
    private const int ExitCodeBase = 128;

    /// <summary>What a terminal sends to all processes in its foreground, so that the program has it already.</summary>
    private static readonly PosixSignal[] OfTerminal = [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGWINCH];

    private static readonly (PosixSignal Signal, int Number)[] Passed =
    [
        (PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15),
        (PosixSignal.SIGWINCH, 28),
    ];

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private readonly PosixSignalRegistration[] _registrations;
    private Process? _program;
    private int _ending;

    public ProgramSignals(CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _registrations = [.. Passed.Select(passed =>
            PosixSignalRegistration.Create(passed.Signal, context => On(context, passed.Signal, passed.Number)))];

        // Otherwise a second Ctrl-C would end this process, which is right for other commands, and not the program.
        Console.CancelKeyPress += GoOn;
    }

    /// <summary>Cancelled by a signal before there is a program.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit code for the signal that ended the waiting; 0: none did.</summary>
    public int ExitCode => _ending == 0 ? 0 : ExitCodeBase + _ending;

    /// <summary>From now on signals are for this program.</summary>
    public void PassTo(Process program)
    {
        lock (_gate)
        {
            _program = program;
            if (_ending != 0)
            {
                Send(program, _ending);
            }
        }
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= GoOn;
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    private void On(PosixSignalContext context, PosixSignal signal, int number)
    {
        context.Cancel = true;
        lock (_gate)
        {
            if (_program is { } program)
            {
                if (!OfTerminal.Contains(signal) || !IsInForeground())
                {
                    Send(program, number);
                }

                return;
            }

            if (signal == PosixSignal.SIGWINCH)
            {
                return;
            }

            _ending = number;
        }

        _source.Cancel();
    }

    private static void GoOn(object? sender, ConsoleCancelEventArgs e) => e.Cancel = true;

    private static void Send(Process program, int signal)
    {
        if (!program.HasExited)
        {
            _ = Kill(program.Id, signal);
        }
    }

    /// <summary>This process, and so the program, gets the signals of a terminal's keys.</summary>
    private static bool IsInForeground()
    {
        int group = ProcessGroup();
        for (int descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (ForegroundGroup(descriptor) == group)
            {
                return true;
            }
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ProcessGroup();
}
