using System.CommandLine;
using GpuActors.Client;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Security;
using GpuActors.Shell.Commands;

namespace GpuActors.Shell;

/// <summary>Runs one command line and turns what happens into text and an exit code.</summary>
internal sealed class CommandRunner(ShellEnvironment environment)
{
    /// <summary>The commands, also for completion.</summary>
    public CommandTree Tree { get; } = new(environment);

    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var parsed = Tree.Root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            return Refuse(parsed);
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = environment.Out,
                Error = environment.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await environment.Error.WriteLineAsync("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (UsageException e)
        {
            return Report(e, ExitCodes.Usage);
        }
        catch (Exception e) when (e is ConfigException or SecretException or ArgumentException)
        {
            return Report(e, ExitCodes.Usage);
        }
        catch (Exception e) when (e is GpuActorsException or IOException or UnauthorizedAccessException)
        {
            return Report(e, ExitCodes.Failed);
        }
    }

    private int Report(Exception e, int exitCode)
    {
        // The name of a method's parameter means nothing to whoever typed a command.
        int parameter = e is ArgumentException ? e.Message.LastIndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        environment.Error.WriteLine($"error: {(parameter < 0 ? e.Message : e.Message[..parameter])}");
        return exitCode;
    }

    /// <summary>Says what is wrong with the command line, what was probably meant, and where to read on.</summary>
    private int Refuse(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string path = PathOf(command);
        if (parsed.UnmatchedTokens is [var stranger, ..])
        {
            environment.Error.WriteLine($"error: '{path}' does not know '{stranger}'.{HintFor(stranger, command)}");
        }
        else if (command.Subcommands.Count > 0)
        {
            environment.Error.WriteLine(
                $"error: '{path}' needs one of: {string.Join(", ", command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}.");
        }
        else
        {
            foreach (var error in parsed.Errors)
            {
                environment.Error.WriteLine($"error: {error.Message}");
            }
        }

        environment.Error.WriteLine($"Try '{path} --help'.");
        return ExitCodes.Usage;
    }

    private string HintFor(string stranger, Command command)
    {
        var known = stranger.StartsWith('-')
            ? command.Options.Concat(Tree.Root.Options).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        return NearestName.Nearest(stranger, known) is { } name ? $" Did you mean '{name}'?" : "";
    }

    private static string PathOf(Command command)
    {
        var names = new List<string>();
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            names.Insert(0, at.Name);
        }

        return string.Join(' ', names);
    }
}
