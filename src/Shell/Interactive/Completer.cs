using System.CommandLine;
using System.CommandLine.Parsing;
using GpuActors.Client;
using GpuActors.Shell.Commands;

namespace GpuActors.Shell.Interactive;

/// <summary>Completes command lines: commands, options, and names that the cluster or the file system knows.</summary>
internal sealed class Completer(CommandTree tree, ShellEnvironment environment)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>What could stand at the end of <paramref name="line"/>.</summary>
    public async Task<Completion> CompleteAsync(string line)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line)];
        bool begun = words.Length > 0 && !line.EndsWith(' ');
        string word = begun ? words[^1] : "";
        var parsed = tree.Root.Parse(begun ? words[..^1] : words);
        var offered = await NamesAsync(parsed, word);
        var candidates = offered.Concat(SymbolsOf(parsed, word))
            .Where(c => c.StartsWith(word, StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal).ToList();
        return new Completion(word, candidates);
    }

    /// <summary>Commands below the one that is typed; once an option is begun, options.</summary>
    private static IEnumerable<string> SymbolsOf(ParseResult parsed, string word)
    {
        var command = parsed.CommandResult.Command;
        if (!word.StartsWith('-'))
        {
            return command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
        }

        var inherited = Ancestors(command).SelectMany(c => c.Options).Where(o => o.Recursive);
        return command.Options.Concat(inherited).Where(o => !o.Hidden).Select(o => o.Name);
    }

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (var at = command.Parents.OfType<Command>().FirstOrDefault(); at is not null;
             at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return at;
        }
    }

    private async Task<IEnumerable<string>> NamesAsync(ParseResult parsed, string word)
    {
        var open = parsed.CommandResult.Command.Arguments.OfType<NameArgument>()
            .FirstOrDefault(a => parsed.GetResult(a) is not { Tokens.Count: > 0 });
        if (open?.SuggestAsync is null || word.StartsWith('-'))
        {
            return [];
        }

        using var patience = new CancellationTokenSource(Patience, environment.Time);
        using var call = tree.NewCall(parsed, patience.Token);
        try
        {
            return await open.SuggestAsync(call, word);
        }
        catch (Exception e) when (e is GpuActorsException or OperationCanceledException or UsageException or ArgumentException
                                      or IOException or UnauthorizedAccessException)
        {
            // No connection means no names; the command itself will say what is wrong.
            return [];
        }
    }
}
