namespace GpuActors.Worker.Executors.Pool;

/// <summary>Signals that end a process on Linux, and what they mean for an executor.</summary>
internal static class Signals
{
    /// <summary>What the runtime and shells add to a signal's number to make an exit code.</summary>
    public const int ExitCodeBase = 128;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>The highest signal number.</summary>
    public const int Last = 64;

    /// <summary><c>signal 11 (SIGSEGV): what that means</c>.</summary>
    public static string Describe(int signal)
    {
        var (name, meaning) = Explain(signal);
        return name.Length == 0 ? $"signal {signal}" : $"signal {signal} ({name}): {meaning}";
    }

    private static (string Name, string Meaning) Explain(int signal) => signal switch
    {
        1 => ("SIGHUP", "its terminal was closed"),
        2 => ("SIGINT", "somebody interrupted it"),
        3 => ("SIGQUIT", "somebody made it quit"),
        4 => ("SIGILL", "a kernel ran an instruction that the device has not"),
        6 => ("SIGABRT", "the driver or the runtime gave up"),
        7 => ("SIGBUS", "a kernel reached for memory that is not there"),
        8 => ("SIGFPE", "a kernel divided by zero, most likely"),
        9 => ("SIGKILL", "the system had no memory left, or somebody killed it"),
        11 => ("SIGSEGV", "a kernel wrote or read out of bounds, most likely"),
        13 => ("SIGPIPE", "it wrote to a closed pipe"),
        15 => ("SIGTERM", "somebody ended it"),
        24 => ("SIGXCPU", "it used up its processor time limit"),
        31 => ("SIGSYS", "it made a system call that it may not"),
        _ => ("", ""),
    };
}
