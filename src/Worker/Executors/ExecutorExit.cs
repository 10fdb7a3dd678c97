namespace GpuActors.Worker.Executors;

/// <summary>How an executor stopped serving a session.</summary>
public enum ExecutorEnd
{
    /// <summary>The session was released; the process may live on for its tenant.</summary>
    Released,

    /// <summary>The worker killed it: time limit, cancel, shutdown.</summary>
    Killed,

    /// <summary>The worker killed it because it used more memory than slice and overhead.</summary>
    MemoryLimit,

    /// <summary>A signal ended it: a kernel crashed it, or the system did.</summary>
    Crashed,

    /// <summary>It ended itself with an error.</summary>
    Failed,
}

/// <summary>The end of an executor, in words that a user understands.</summary>
/// <param name="End">What kind of end.</param>
/// <param name="Reason">One sentence.</param>
/// <param name="ExitCode">The process's exit code, 128 + number for a signal; null while it lives on.</param>
/// <param name="ErrorOutput">The last that it wrote to standard error, at most 8 KiB.</param>
public sealed record ExecutorExit(ExecutorEnd End, string Reason, int? ExitCode, string ErrorOutput)
{
    private const int SignalBase = 128;

    internal static ExecutorExit Released { get; } = new(ExecutorEnd.Released, "the session was released", null, "");

    /// <summary>What an exit code means.</summary>
    /// <param name="exitCode">The process's exit code, 128 + number for a signal.</param>
    /// <param name="errorOutput">The end of its standard error.</param>
    /// <param name="farewell">What it said before it closed its connection, or null.</param>
    internal static ExecutorExit FromProcess(int exitCode, string errorOutput, string? farewell = null)
    {
        string lastLine = farewell ?? LastLine(errorOutput);
        if (exitCode > SignalBase)
            return new(ExecutorEnd.Crashed, DescribeSignal(exitCode - SignalBase, lastLine), exitCode, errorOutput);
        string reason = $"the executor ended with exit code {exitCode}";
        return new(ExecutorEnd.Failed, lastLine.Length == 0 ? reason : $"{reason}: {lastLine}", exitCode, errorOutput);
    }

    private static string DescribeSignal(int signal, string lastLine) => signal switch
    {
        4 => "killed by SIGILL (an illegal instruction in a kernel)",
        6 => $"killed by SIGABRT (driver or compiler gave up{(lastLine.Length == 0 ? "" : $": {lastLine}")})",
        7 => "killed by SIGBUS (a kernel accessed memory that is not there)",
        8 => "killed by SIGFPE (a kernel divided an integer by zero)",
        9 => "killed by SIGKILL (by the system, which may have run out of memory)",
        11 => "killed by SIGSEGV (a kernel accessed memory out of bounds?)",
        15 => "killed by SIGTERM (somebody stopped it)",
        _ => $"killed by signal {signal}",
    };

    private static string LastLine(string text)
    {
        string trimmed = text.Trim();
        return trimmed[(trimmed.LastIndexOf('\n') + 1)..];
    }
}

/// <summary>The executor of a session ended while the session needed it.</summary>
public sealed class ExecutorLostException(ExecutorExit exit, Exception? inner = null) : Exception(exit.Reason, inner)
{
    /// <summary>What happened.</summary>
    public ExecutorExit Exit { get; } = exit;
}

/// <summary>No executor can be had: the request does not fit the device, or no process gets ready.</summary>
public sealed class ExecutorUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
