using System.ComponentModel;
using System.Diagnostics;

namespace GpuActors.Shell.Sessions;

/// <summary>A program on the terminal of this process.</summary>
internal static class ProgramRun
{
    /// <summary>A program that is not there, as shells count it.</summary>
    public const int NotFound = 127;

    /// <summary>A file that cannot be run, as shells count it.</summary>
    public const int NotRunnable = 126;

    private const UnixFileMode Runnable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Its path, found as a shell finds it: a name without a slash only in the folders of PATH; null: nowhere.</summary>
    public static string? Find(ShellEnvironment environment, string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(program, environment.WorkingFolder);
            return File.Exists(path) ? path : null;
        }

        return (environment.Variable("PATH") ?? "").Split(':')
            .Select(folder => Path.GetFullPath(Path.Combine(folder, program), environment.WorkingFolder))
            .FirstOrDefault(path => File.Exists(path) && (File.GetUnixFileMode(path) & Runnable) != 0);
    }

    /// <summary>Runs it with this process's input and output, and gives its exit code: 128 and the signal if it died of one.</summary>
    public static async Task<int> RunAsync(
        ShellEnvironment environment,
        string path,
        IEnumerable<string> arguments,
        IEnumerable<(string Name, string Value)> variables,
        ProgramSignals signals)
    {
        var start = new ProcessStartInfo(path) { WorkingDirectory = environment.WorkingFolder };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var program = Process.Start(start)!;
            signals.PassTo(program);
            await program.WaitForExitAsync(CancellationToken.None);
            return program.ExitCode;
        }
        catch (Win32Exception e)
        {
            await environment.Error.WriteLineAsync($"error: {path} cannot be run: {e.Message}");
            return NotRunnable;
        }
    }
}
