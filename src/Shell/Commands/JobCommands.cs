using System.CommandLine;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm job ...</c></summary>
internal static class JobCommands
{
    private const int DefaultLimit = 50;

    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("job", "Submit, watch and end jobs.");
        AddSubmit(tree, group);
        AddList(tree, group);
        AddForOne(tree, group, "show", "Tell all about a job.", ShowAsync);
        AddForOne(tree, group, "explain", "Tell why a job is where it is, or why it waits and what would help.", ExplainAsync);
        AddForOne(tree, group, "wait", "Wait until a job has ended; exit 1 if it failed.", JobFollower.FollowToEndAsync);
        AddForOne(tree, group, "cancel", "End a job.", CancelAsync);
        AddForOne(tree, group, "document", "Write the document as it was submitted.", DocumentAsync);
        AddEvents(tree, group);
        JobOutputCommand.AddTo(tree, group);
    }

    /// <summary>The argument for a job's id.</summary>
    public static NameArgument JobArgument() => new("id", "The job's id.") { SuggestAsync = Suggestions.JobsAsync };

    private static void AddForOne(
        CommandTree tree, Command group, string name, string description, Func<CommandCall, string, Task<int>> run)
    {
        var id = JobArgument();
        tree.Add(group, name, description, call => run(call, call.Parsed.GetRequiredValue(id)), id);
    }

    private static void AddSubmit(CommandTree tree, Command group)
    {
        var file = new NameArgument("file", "The job document in JSON; - reads standard input.")
        {
            SuggestAsync = Suggestions.FilesAsync,
        };
        var wait = new Option<bool>("--wait") { Description = "Stay until the job has ended; exit 1 if it failed." };
        tree.Add(group, "submit", "Submit a job. The same document again is the same job.", async call =>
        {
            byte[] document = await InputFile.ReadAsync(call, call.Parsed.GetRequiredValue(file));
            var status = await call.Client.Jobs.SubmitAsync(document, call.CancellationToken);
            if (call.Parsed.GetValue(wait))
            {
                return await JobFollower.FollowToEndAsync(call, status.Id);
            }

            if (call.Results.Json)
            {
                call.Results.WriteJson(status);
            }
            else
            {
                call.Results.WriteLine($"{status.Id} {status.State}");
            }

            return ExitCodes.Ok;
        }, file, wait);
    }

    private static void AddList(CommandTree tree, Command group)
    {
        var state = new Option<string?>("--state") { Description = "Only jobs in this state.", HelpName = "STATE" };
        state.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !Enum.GetNames<JobState>().Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"--state must be one of {string.Join(", ", Enum.GetNames<JobState>())}.");
            }
        });
        var limit = new Option<int>("--limit")
        {
            Description = $"How many at most; default {DefaultLimit}.",
            DefaultValueFactory = _ => DefaultLimit,
            HelpName = "N",
        };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--limit must be at least 1.");
            }
        });
        tree.Add(group, "list", "List jobs, newest first.", async call =>
        {
            var query = new JobQuery
            {
                State = call.Parsed.GetValue(state) is { } text ? Enum.Parse<JobState>(text, ignoreCase: true) : null,
            };
            return Write(call, await TakeAsync(call, query, call.Parsed.GetValue(limit)));
        }, state, limit);
    }

    private static async Task<List<JobStatus>> TakeAsync(CommandCall call, JobQuery query, int limit)
    {
        const int pageMax = 500;
        var jobs = new List<JobStatus>();
        query = query with { Limit = Math.Min(limit, pageMax) };
        await foreach (var job in call.Client.Jobs.ListAllAsync(query, call.CancellationToken))
        {
            jobs.Add(job);
            if (jobs.Count == limit)
            {
                break;
            }
        }

        return jobs;
    }

    private static int Write(CommandCall call, List<JobStatus> jobs)
    {
        if (call.Results.Json)
        {
            call.Results.WriteJson(new JobList { Jobs = jobs });
            return ExitCodes.Ok;
        }

        var now = call.Environment.Time.GetUtcNow();
        var table = new Table(
            new Column("Id"), new Column("Tenant"), new Column("State"), new Column("Queue"), new Column("Class"),
            new Column("Steps", true), new Column("Try", true),
            new Column("Age", true), new Column("Where"), new Column("Reason"));
        foreach (var job in jobs)
        {
            table.Add(
                job.Id,
                job.Tenant,
                job.State.ToString(),
                job.Queue ?? "",
                job.Class == Shared.Jobs.JobClass.Scavenger ? "scavenger" : "normal",
                Words.Progress(job.Progress),
                $"{job.Attempt}",
                Words.Span(now - job.SubmittedAt),
                string.Join(' ', job.Slices.Select(s => s.Slice)),
                job.Error?.Message.ReplaceLineEndings(" ") ?? job.Reason ?? "");
        }

        call.Results.WriteTable(table, "There are no such jobs.");
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(CommandCall call, string id)
    {
        var status = await call.Client.Jobs.GetAsync(id, call.CancellationToken);
        JobDetails.Write(call, status);
        return ExitCodes.Ok;
    }

    private static async Task<int> ExplainAsync(CommandCall call, string id)
    {
        JobExplanationView.Write(call, await call.Client.Jobs.ExplainAsync(id, call.CancellationToken));
        return ExitCodes.Ok;
    }

    private static async Task<int> CancelAsync(CommandCall call, string id)
    {
        var status = await call.Client.Jobs.CancelAsync(id, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(status);
        }
        else
        {
            call.Results.WriteLine($"{status.Id} {status.State}");
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> DocumentAsync(CommandCall call, string id)
    {
        call.Results.WriteJson(await call.Client.Jobs.GetDocumentAsync(id, call.CancellationToken));
        return ExitCodes.Ok;
    }

    private static void AddEvents(CommandTree tree, Command group)
    {
        var id = JobArgument();
        var after = new Option<long>("--after") { Description = "Begin behind the event of this number.", HelpName = "N" };
        tree.Add(group, "events", "Write a job's events as they happen, until it has ended.", async call =>
        {
            var events = call.Client.Jobs.EventsAsync(
                call.Parsed.GetRequiredValue(id), call.Parsed.GetValue(after), call.CancellationToken);
            await foreach (var happened in events)
            {
                call.Results.WriteLine(call.Results.Json ? EventLine.ToJson(happened) : EventLine.ToText(happened));
            }

            return ExitCodes.Ok;
        }, id, after);
    }
}
