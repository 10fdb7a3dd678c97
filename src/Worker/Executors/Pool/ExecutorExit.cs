namespace GpuActors.Worker.Executors.Pool;

/// <summary>How an executor process came to its end.</summary>
public enum ExecutorExitKind
{
    /// <summary>It exited by itself, with an exit code.</summary>
    Exited,

    /// <summary>A signal ended it that the worker did not send.</summary>
    Crashed,

    /// <summary>The worker killed it, for the reason given.</summary>
    Killed,

    /// <summary>The worker killed it because its resident memory was over the limit, or it was refused more.</summary>
    MemoryExceeded,

    /// <summary>The worker killed it because a kernel held the device far beyond its turn while others waited.</summary>
    TurnExceeded,
}

/// <summary>The end of an executor process.</summary>
/// <param name="Kind">What ended it.</param>
/// <param name="Description">What happened, in words, with what it last wrote to its standard error.</param>
/// <param name="Code">The exit code; 128 + number for a signal.</param>
/// <param name="Signal">The signal's number, or 0.</param>
/// <param name="ErrorOutput">The end of its standard error and output, bounded.</param>
public sealed record ExecutorExit(ExecutorExitKind Kind, string Description, int Code, int Signal, string ErrorOutput)
{
    private const int DescribedLines = 5;

    /// <summary>What C++, LLVM and .NET write when an allocation is refused.</summary>
    private static readonly string[] OutOfMemorySigns =
        ["std::bad_alloc", "out of memory", "Out of memory", "OutOfMemoryException"];

    /// <summary>
    /// Reads an exit code as <see cref="System.Diagnostics.Process"/> reports it, which is 128 + number for a signal.
    /// A kill of ours counts as the cause only if SIGKILL is how the process ended: it may have crashed just before.
    /// </summary>
    /// <param name="code">The exit code.</param>
    /// <param name="kill">The worker's kill, if it sent one.</param>
    /// <param name="errorOutput">The end of its standard error and output.</param>
    /// <param name="farewell">What it said last on its connection, if it took its leave.</param>
    internal static ExecutorExit Of(int code, KillOrder? kill, string errorOutput, string? farewell = null)
    {
        var signal = code is > Signals.ExitCodeBase and <= Signals.ExitCodeBase + Signals.Last
            ? code - Signals.ExitCodeBase
            : 0;
        if (kill is not null && signal == Signals.Kill)
        {
            return new ExecutorExit(kill.Kind, kill.Reason, code, signal, errorOutput);
        }

        if (code != 0 && Array.Find(OutOfMemorySigns, errorOutput.Contains) is not null)
        {
            return new ExecutorExit(
                ExecutorExitKind.MemoryExceeded,
                "memory of the process over its limit: it was refused more" + LastLines(errorOutput), code, signal,
                errorOutput);
        }

        return signal != 0
            ? new ExecutorExit(
                ExecutorExitKind.Crashed, $"killed by {Signals.Describe(signal)}{LastLines(errorOutput)}", code, signal,
                errorOutput)
            : new ExecutorExit(
                ExecutorExitKind.Exited, $"exit code {code}{LastLines($"{errorOutput}\n{farewell}")}", code, 0,
                errorOutput);
    }

    private static string LastLines(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "" : ": " + string.Join(" | ", lines.TakeLast(DescribedLines));
    }
}

/// <summary>Why the worker kills a process.</summary>
internal sealed record KillOrder(ExecutorExitKind Kind, string Reason);
