using System.CommandLine.Parsing;

namespace GpuActors.Shell.Interactive;

/// <summary>Runs commands from standard input when nobody types them: one a line, # begins a comment.</summary>
internal sealed class ScriptReader(CommandRunner runner, ShellEnvironment environment)
{
    /// <summary>Runs all lines; the exit code is the worst of theirs.</summary>
    public async Task<int> RunAsync()
    {
        using var interruption = new Interruption();
        int worst = ExitCodes.Ok;
        while (!interruption.Token.IsCancellationRequested &&
               await environment.In.ReadLineAsync(interruption.Token) is { } line)
        {
            string command = line.Trim();
            if (command is "exit" or "quit")
            {
                break;
            }

            if (command.Length > 0 && command[0] != '#')
            {
                worst = Math.Max(worst, await runner.RunAsync([.. CommandLineParser.SplitCommandLine(command)], interruption.Token));
            }
        }

        return worst;
    }
}
