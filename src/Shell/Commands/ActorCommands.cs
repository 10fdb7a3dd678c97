using System.CommandLine;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm actor ...</c>: the actors of the scheduler node that answers.</summary>
internal static class ActorCommands
{
    private const int DefaultLimit = 200;

    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("actor", "Actors of the scheduler node that --server names.");
        var path = new NameArgument("path", "From the root, such as /user/sessions.");
        tree.Add(
            group, "show", "Tell of an actor and its children.",
            call => WriteAsync(call, call.Parsed.GetRequiredValue(path), 1, DefaultLimit), path);
        var top = new Option<string>("--path")
        {
            Description = "Only those below it.", HelpName = "PATH", DefaultValueFactory = _ => "/",
        };
        var depth = NumberOption.Create("--depth", "Levels below the path; default 3.", 3, 0, 20);
        var limit = NumberOption.Create("--limit", $"How many at most; default {DefaultLimit}.", DefaultLimit, 1, 10_000);
        tree.Add(
            group,
            "ps",
            "List the actors, nearer to the root first.",
            call => WriteAsync(
                call, call.Parsed.GetValue(top)!, call.Parsed.GetValue(depth), call.Parsed.GetValue(limit)),
            top,
            depth,
            limit);
        tree.Add(
            group, "quarantined", "List the actors that are not started because their journal can't be read.",
            WriteQuarantinedAsync);
    }

    private static async Task<int> WriteQuarantinedAsync(CommandCall call)
    {
        var actors = await call.Client.Operations.ListQuarantinedActorsAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new QuarantinedActorList { Actors = actors });
            return ExitCodes.Ok;
        }

        var table = new Table(new Column("Persistent actor"), new Column("Tried at"), new Column("Problem"));
        foreach (var actor in actors)
        {
            table.Add(actor.PersistenceId, $"{actor.Since:u}", actor.Problem);
        }

        call.Results.WriteTable(table, "Every actor's journal can be read.");
        return ExitCodes.Ok;
    }

    private static async Task<int> WriteAsync(CommandCall call, string path, int depth, int limit)
    {
        var list = await call.Client.Operations.ListActorsAsync(path, depth, limit, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(list);
            return ExitCodes.Ok;
        }

        var table = new Table(
            new Column("Actor"), new Column("Type"), new Column("Activity"), new Column("Waiting", true),
            new Column("Children", true));
        foreach (var actor in list.Actors)
        {
            table.Add(actor.Path, actor.Type, actor.Activity, $"{actor.Waiting}", $"{actor.Children}");
        }

        call.Results.WriteTable(table, "There are no actors.");
        if (list.More)
        {
            await call.Environment.Error.WriteLineAsync("There are more; --limit and --path choose.");
        }

        return ExitCodes.Ok;
    }
}
