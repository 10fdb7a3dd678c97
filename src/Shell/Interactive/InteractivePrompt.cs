using System.CommandLine.Parsing;

namespace GpuActors.Shell.Interactive;

/// <summary>The prompt: the same commands as on the command line, one a line, until <c>exit</c> or Ctrl-D.</summary>
internal sealed class InteractivePrompt
{
    private readonly CommandRunner _runner;
    private readonly ShellEnvironment _environment;
    private readonly ITerminal _terminal;
    private readonly History _history;

    public InteractivePrompt(CommandRunner runner, ShellEnvironment environment, ITerminal terminal)
    {
        _runner = runner;
        _environment = environment;
        _terminal = terminal;
        _history = new History(
            environment.HomeFolder is { } home ? Path.Combine(home, ".gpuactors", "history") : null);
    }

    public async Task<int> RunAsync()
    {
        await _environment.Out.WriteLineAsync("pbm, the shell of GpuActors. Tab completes, 'help' lists the commands, 'exit' ends.");
        var editor = new LineEditor(_terminal, _history, new Completer(_runner.Tree, _environment).CompleteAsync);
        while (true)
        {
            // Between commands Ctrl-C is a key like others, and drops the line.
            bool before = SetControlCAsKey(true);
            var (end, line) = await editor.ReadAsync("pbm> ");
            SetControlCAsKey(before);
            if (end == LineEnd.Closed)
            {
                return ExitCodes.Ok;
            }

            if (end == LineEnd.Dropped || line.Trim().Length == 0)
            {
                continue;
            }

            _history.Add(line);
            if (line.Trim() is "exit" or "quit")
            {
                return ExitCodes.Ok;
            }

            await RunAsync(line);
        }
    }

    private async Task RunAsync(string line)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line)];
        if (words is ["history"])
        {
            await _environment.Out.WriteLineAsync(string.Join(Environment.NewLine, _history.Lines));
            return;
        }

        if (words is ["clear"])
        {
            _terminal.Write(LineEditor.ClearScreen);
            return;
        }

        using var interruption = new Interruption();
        await _runner.RunAsync(words is ["help", ..] ? [.. words[1..], "--help"] : words, interruption.Token);
    }

    private bool SetControlCAsKey(bool value)
    {
        if (_terminal is not ConsoleTerminal)
        {
            return value;
        }

        bool before = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = value;
        return before;
    }
}
