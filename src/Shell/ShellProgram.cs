using GpuActors.Shell.Commands;
using GpuActors.Shell.Interactive;

namespace GpuActors.Shell;

/// <summary>The program: one command from the arguments, or without any a prompt.</summary>
internal static class ShellProgram
{
    public static async Task<int> RunAsync(string[] args, ShellEnvironment environment)
    {
        var runner = new CommandRunner(environment);
        if (args.Length > 0)
        {
            using var interruption = new Interruption();
            return await runner.RunAsync(args, interruption.Token);
        }

        return environment is { InIsTerminal: true, OutIsTerminal: true }
            ? await new InteractivePrompt(runner, environment, new ConsoleTerminal()).RunAsync()
            : await new ScriptReader(runner, environment).RunAsync();
    }
}
