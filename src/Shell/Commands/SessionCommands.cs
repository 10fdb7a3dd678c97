using System.CommandLine;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm session ...</c></summary>
internal static class SessionCommands
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 1000;

    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("session", "See and end interactive sessions.");
        AddList(tree, group);
        AddForOne(tree, group, "show", "Tell all about a session, and what it waits for.", ShowAsync);
        AddForOne(tree, group, "kill", "End a session.", async (call, id) =>
        {
            WriteEnd(call, await call.Client.Sessions.EndAsync(id, call.CancellationToken));
            return ExitCodes.Ok;
        });
    }

    /// <summary>What has become of a session that was ended.</summary>
    public static void WriteEnd(CommandCall call, SessionStatus status)
    {
        if (call.Results.Json)
        {
            call.Results.WriteJson(status with { Grant = null });
        }
        else
        {
            call.Results.WriteLine($"{status.Id} {status.State}");
        }
    }

    private static void AddForOne(
        CommandTree tree, Command group, string name, string description, Func<CommandCall, string, Task<int>> run)
    {
        var id = new NameArgument("id", "The session's id.") { SuggestAsync = Suggestions.SessionsAsync };
        tree.Add(group, name, description, call => run(call, call.Parsed.GetRequiredValue(id)), id);
    }

    private static void AddList(CommandTree tree, Command group)
    {
        var all = new Option<bool>("--all") { Description = "Also those that have ended." };
        var limit = NumberOption.Create("--limit", "At most so many.", DefaultLimit, 1, MaxLimit);
        tree.Add(group, "list", "List sessions, newest first.", async call =>
        {
            var query = new SessionQuery { All = call.Parsed.GetValue(all), Limit = call.Parsed.GetValue(limit) };
            Write(call, await call.Client.Sessions.ListAsync(query, call.CancellationToken));
            return ExitCodes.Ok;
        }, all, limit);
    }

    private static void Write(CommandCall call, SessionList list)
    {
        if (call.Results.Json)
        {
            call.Results.WriteJson(list);
            return;
        }

        var now = call.Environment.Time.GetUtcNow();
        var table = new Table(
            new Column("Id"), new Column("Tenant"), new Column("State"), new Column("Queue"), new Column("Gpu"),
            new Column("Age", true), new Column("Where"), new Column("Reason"));
        foreach (var session in list.Sessions)
        {
            table.Add(
                session.Id,
                session.Tenant,
                session.State.ToString(),
                session.Queue ?? "",
                session.Gpu?.GetRawText() ?? "",
                Words.Span(now - session.CreatedAt),
                string.Join(' ', session.Slices.Select(slice => slice.Slice)),
                session.Error?.Message.ReplaceLineEndings(" ") ?? session.Reason ?? "");
        }

        call.Results.WriteTable(table, "There are no sessions.");
    }

    private static async Task<int> ShowAsync(CommandCall call, string id)
    {
        var session = await call.Client.Sessions.GetAsync(id, call.CancellationToken);
        var network = session.State == JobState.Running ? await NetworkAsync(call, session) : null;
        if (call.Results.Json)
        {
            call.Results.WriteJson(session with { Grant = null, Network = network });
            return ExitCodes.Ok;
        }

        call.Results.WriteDetails(
            ("Session", session.Id),
            ("Tenant", session.Tenant),
            ("State", session.State.ToString()),
            ("Reason", session.Reason),
            ("Asked for", session.Gpu?.GetRawText()),
            ("Queue", session.Queue),
            ("Class", session.Class == Shared.Jobs.JobClass.Scavenger ? "scavenger" : "normal"),
            ("Priority", $"{session.Priority}"),
            ("Host", session.Host),
            ("Slices", string.Join('\n', session.Slices.Select(JobDetails.SliceLine))),
            ("Gateway", session.Grant?.Devices[0].Address),
            ("Network", network is null ? null : NetworkLine(network)),
            ("Created", Words.Time(session.CreatedAt)),
            ("Started", Words.Time(session.StartedAt)),
            ("Ended", Words.Time(session.EndedAt)),
            ("Ran", session is { StartedAt: { } start, EndedAt: { } end } ? Words.Span(end - start) : null),
            ("Labels", string.Join('\n', session.Labels.Select(label => $"{label.Key}={label.Value}"))),
            ("Error", session.Error is { } error ? $"{error.Kind}: {error.Message}" : null));
        if (session.State is JobState.Queued or JobState.Recovering)
        {
            JobExplanationView.WriteHelp(call, await call.Client.Jobs.ExplainAsync(id, call.CancellationToken));
        }

        return ExitCodes.Ok;
    }

    /// <summary>Why its program is as fast as it is; null: its worker has not said yet.</summary>
    private static async Task<NetworkUsageStatus?> NetworkAsync(CommandCall call, SessionStatus session)
    {
        var name = $"{session.Tenant}/{session.Id}";
        return (await call.Client.Cluster.ListUsageAsync(session.Host, call.CancellationToken)).FirstOrDefault(slice => slice.Session == name && slice.Epoch == session.Epoch)?.Network;
    }

    private static string NetworkLine(NetworkUsageStatus network)
    {
        var waited = TimeSpan.FromSeconds(network.WaitedSeconds);
        var (device, path) = (TimeSpan.FromSeconds(network.DeviceSeconds), TimeSpan.FromSeconds(network.NetworkSeconds));
        var share = network.WaitedSeconds > 0 ? 100 * network.NetworkSeconds / network.WaitedSeconds : 0;
        return $"{network.RoundTrips} round trips, {Words.Size(network.BytesReceived)} there, "
            + $"{Words.Size(network.BytesSent)} back; waited {Words.Span(waited)}: {Words.Span(device)} for the device, "
            + $"{Words.Span(path)} ({Math.Round(share):0} %) for the network";
    }
}
