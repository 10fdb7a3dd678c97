using System.CommandLine;
using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm log ...</c>: the log of the scheduler node that answers.</summary>
internal static class LogCommands
{
    private const int PageEntries = 1_000;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromSeconds(1);

    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("log", "The log of the scheduler node that --server names.");
        var lines = NumberOption.Create("--lines", "How many of the newest; default 50.", 50, 1, PageEntries);
        var least = new Option<LogSeverity>("--level")
        {
            Description = "Only what matters at least so much: trace, debug, information, warning, error, critical.",
            DefaultValueFactory = _ => LogSeverity.Trace,
            HelpName = "LEVEL",
        };
        var follow = new Option<bool>("--follow") { Description = "Go on with what is logged until interrupted." };
        tree.Add(
            group,
            "peek",
            "Write the newest entries.",
            call => PeekAsync(
                call, call.Parsed.GetValue(least), call.Parsed.GetValue(lines), call.Parsed.GetValue(follow)),
            lines,
            least,
            follow);
        var level = new Argument<LogSeverity?>("level")
        {
            Description = "What is logged from now on; without it the levels are told.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var category = new Option<string>("--category")
        {
            Description = "Only for categories that begin with this.",
            DefaultValueFactory = _ => "",
            HelpName = "CATEGORY",
        };
        tree.Add(
            group,
            "level",
            "Tell or set from which level on the node logs.",
            call => LevelAsync(call, call.Parsed.GetValue(level), call.Parsed.GetValue(category)!),
            level,
            category);
    }

    private static async Task<int> PeekAsync(CommandCall call, LogSeverity least, int lines, bool follow)
    {
        var entries = await call.Client.Operations.ReadLogAsync(null, least, lines, call.CancellationToken);
        long last = 0;
        while (true)
        {
            foreach (var entry in entries)
            {
                Write(call, entry);
                last = entry.Sequence;
            }

            if (!follow)
            {
                return ExitCodes.Ok;
            }

            await Task.Delay(FollowInterval, call.Environment.Time, call.CancellationToken);
            entries = await call.Client.Operations.ReadLogAsync(last, least, PageEntries, call.CancellationToken);
        }
    }

    private static void Write(CommandCall call, LogEntry entry)
    {
        if (call.Results.Json)
        {
            call.Results.WriteLine(JsonSerializer.Serialize(entry, ApiJsonContext.Default.LogEntry));
            return;
        }

        call.Results.WriteLine($"{Words.Time(entry.At)} {Words.State(entry.Severity)} {entry.Category}: {entry.Message}");
        if (entry.Exception is { } exception)
        {
            call.Results.WriteLine(exception);
        }
    }

    private static async Task<int> LevelAsync(CommandCall call, LogSeverity? level, string category)
    {
        var operations = call.Client.Operations;
        var levels = level is { } severity
            ? await operations.SetLogLevelAsync(
                new LogLevelSetting { Category = category, Severity = severity }, call.CancellationToken)
            : await operations.ListLogLevelsAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new LogLevelList { Levels = levels });
            return ExitCodes.Ok;
        }

        var table = new Table(new Column("Category"), new Column("Level"));
        foreach (var known in levels)
        {
            table.Add(known.Category.Length == 0 ? "(all others)" : known.Category, Words.State(known.Severity));
        }

        call.Results.WriteTable(table, "Nothing is set.");
        return ExitCodes.Ok;
    }
}
