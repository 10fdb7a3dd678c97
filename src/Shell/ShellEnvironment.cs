using Spectre.Console;

namespace GpuActors.Shell;

/// <summary>All that the shell takes from its process.</summary>
internal sealed class ShellEnvironment
{
    /// <summary>Lines to run when there are no arguments.</summary>
    public TextReader In { get => field ??= Console.In; init; }

    /// <summary>Results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Errors and what else is not a result.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Tables and live views; only for a terminal.</summary>
    public IAnsiConsole Drawing { get => field ??= AnsiConsole.Console; init; }

    /// <summary>True when somebody types.</summary>
    public required bool InIsTerminal { get; init; }

    /// <summary>True when somebody reads.</summary>
    public required bool OutIsTerminal { get; init; }

    /// <summary>True when somebody reads what is not a result.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Bytes to the same place as <see cref="Out"/>.</summary>
    public required Func<Stream> OpenOut { get; init; }

    /// <summary>Bytes from the same place as <see cref="In"/>.</summary>
    public required Func<Stream> OpenIn { get; init; }

    /// <summary>An environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Where the user is.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Where the user's own files are; null when there is no such place.</summary>
    public required string? HomeFolder { get; init; }

    /// <summary>Clock and timers.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>This process.</summary>
    public static ShellEnvironment OfProcess()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return new ShellEnvironment
        {
            Out = Console.Out,
            Error = Console.Error,
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            OpenOut = Console.OpenStandardOutput,
            OpenIn = Console.OpenStandardInput,
            Variable = Environment.GetEnvironmentVariable,
            WorkingFolder = Environment.CurrentDirectory,
            HomeFolder = home.Length == 0 ? null : home,
#pragma warning disable RS0030 // The program's edge: everything else takes the clock from here.
            Time = TimeProvider.System,
#pragma warning restore RS0030
        };
    }
}
