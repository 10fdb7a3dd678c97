using System.CommandLine;
using System.CommandLine.Help;
using GpuActors.Shell.Simulation;

namespace GpuActors.Shell.Commands;

/// <summary>All commands. A group of commands is a class that adds itself here.</summary>
internal sealed class CommandTree
{
    public const string ProgramName = "pbm";

    private readonly ShellEnvironment _environment;

    public CommandTree(ShellEnvironment environment)
    {
        _environment = environment;

        // Not a RootCommand: that is named after the file that dotnet runs.
        Root = new Command(ProgramName, "Runs jobs on a GpuActors cluster and looks after it. Without arguments: a prompt.")
        {
            new HelpOption(),
            new VersionOption(),
        };
        Globals.AddTo(Root);
        JobCommands.AddTo(this);
        RunCommands.AddTo(this);
        LeaseCommand.AddTo(this);
        SessionCommands.AddTo(this);
        InventoryCommands.AddTo(this);
        QueueCommands.AddTo(this);
        GpuCommands.AddTo(this);
        ClusterCommands.AddTo(this);
        ActorCommands.AddTo(this);
        JournalCommands.AddTo(this);
        LogCommands.AddTo(this);
        BlobCommands.AddTo(this);
        TicketCommands.AddTo(this);
        SimulationCommands.AddTo(this);
        DoctorCommands.AddTo(this);
    }

    public Command Root { get; }

    public GlobalOptions Globals { get; } = new();

    /// <summary>A command that has subcommands only.</summary>
    public Command AddGroup(string name, string description)
    {
        var group = new Command(name, description);
        Root.Add(group);
        return group;
    }

    /// <summary>Adds a command to a group.</summary>
    public Command Add(
        Command group,
        string name,
        string description,
        Func<CommandCall, Task<int>> run,
        params ReadOnlySpan<Symbol> symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var call = NewCall(parsed, cancellationToken);
            return await run(call);
        });
        group.Add(command);
        return command;
    }

    /// <summary>A call for a parsed command line.</summary>
    public CommandCall NewCall(ParseResult parsed, CancellationToken cancellationToken) =>
        new(_environment, Globals, parsed, cancellationToken);
}
