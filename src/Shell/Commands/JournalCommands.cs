using System.CommandLine;
using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm journal ...</c>: what happened, as it was written down.</summary>
internal static class JournalCommands
{
    private const int PageEvents = 500;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromSeconds(1);

    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("journal", "Events as they were written, for the audit.");
        var lines = NumberOption.Create("--lines", "How many of the newest; default 20.", 20, 1, 1_000);
        var tag = new Option<string?>("--tag") { Description = "Only events with this tag.", HelpName = "TAG" };
        var follow = new Option<bool>("--follow") { Description = "Go on with what is written until interrupted." };
        tree.Add(
            group,
            "tail",
            "Write the newest events of all actors.",
            call => TailAsync(
                call, call.Parsed.GetValue(tag), call.Parsed.GetValue(lines), call.Parsed.GetValue(follow)),
            lines,
            tag,
            follow);
        var id = new NameArgument("id", "The persistent actor, such as session-TENANT/JOB.");
        var from = NumberOption.Create("--from", "The number of the first event; default 1.", 1, 1, int.MaxValue);
        tree.Add(
            group,
            "replay",
            "Write all events of one actor, oldest first.",
            call => ReplayAsync(call, call.Parsed.GetRequiredValue(id), call.Parsed.GetValue(from)),
            id,
            from);
    }

    private static async Task<int> TailAsync(CommandCall call, string? tag, int lines, bool follow)
    {
        var operations = call.Client.Operations;
        var events = await operations.ReadJournalAsync(null, tag, lines, call.CancellationToken);
        long last = 0;
        while (true)
        {
            Write(call, events);
            last = events.Count > 0 ? events[^1].Ordering : last;
            if (!follow)
            {
                return ExitCodes.Ok;
            }

            if (events.Count < PageEvents)
            {
                await Task.Delay(FollowInterval, call.Environment.Time, call.CancellationToken);
            }

            events = await operations.ReadJournalAsync(last, tag, PageEvents, call.CancellationToken);
        }
    }

    private static async Task<int> ReplayAsync(CommandCall call, string id, long from)
    {
        var written = 0L;
        while (true)
        {
            var events = await call.Client.Operations.ReplayAsync(id, from, PageEvents, call.CancellationToken);
            if (events.Count == 0)
            {
                break;
            }

            Write(call, events);
            written += events.Count;
            from = events[^1].SequenceNr + 1;
        }

        if (written == 0)
        {
            await call.Environment.Error.WriteLineAsync($"{id} has no events; journal tail shows how ids are written.");
        }

        return written == 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>One line an event, in JSON the event itself.</summary>
    private static void Write(CommandCall call, IReadOnlyList<JournalEntry> events)
    {
        foreach (var stored in events)
        {
            call.Results.WriteLine(call.Results.Json
                ? JsonSerializer.Serialize(stored, ApiJsonContext.Default.JournalEntry)
                : $"{stored.Ordering} {Words.Time(stored.At)} {stored.PersistenceId} #{stored.SequenceNr} " +
                  $"@{stored.WriterEpoch} {stored.Manifest} {stored.Payload.GetRawText()}");
        }
    }
}
