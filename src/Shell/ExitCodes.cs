namespace GpuActors.Shell;

/// <summary>What the shell's exit says.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The job or the request failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or what it names on this machine, is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command line, or what it names on this machine, is wrong; the message says what would be right.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
