using System.Globalization;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm queue ...</c></summary>
internal static class QueueCommands
{
    public static void AddTo(CommandTree tree) => tree.Add(
        tree.AddGroup("queue", "Who is served first, and what is kept for whom."),
        "list",
        "List the queues with what each uses, and their tenants.",
        ListAsync);

    private static async Task<int> ListAsync(CommandCall call)
    {
        var queues = await call.Client.Cluster.ListQueuesAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new QueueList { Queues = queues });
            return ExitCodes.Ok;
        }

        var table = new Table(
            new Column("Queue"), new Column("GPUs kept", true), new Column("At most", true), new Column("Used", true),
            new Column("Borrowed", true), new Column("Scavenged", true), new Column("Running", true),
            new Column("Waiting", true), new Column("Weight", true), new Column("Share", true));
        foreach (var queue in queues.Where(queue => queue.Parent is null || queues.All(above => above.Name != queue.Parent)))
        {
            Add(table, queue, queues, 0);
        }

        call.Results.WriteTable(table, "There are no queues.");
        return ExitCodes.Ok;
    }

    private static void Add(Table table, QueueStatus queue, IReadOnlyList<QueueStatus> all, int depth)
    {
        var indent = new string(' ', 2 * depth);
        table.Add(
            indent + queue.Name,
            queue.Quota is { } quota ? Gpus(quota, "any") : "-",
            queue.Limit is { } limit ? Gpus(limit, "any") : "any",
            Gpus(queue.Used, "0"),
            Gpus(queue.Borrowed, "0"),
            Gpus(queue.Scavenged, "0"),
            $"{queue.Running}",
            $"{queue.Waiting}",
            Number(queue.Weight),
            Words.Percent(queue.SharePercent));
        foreach (var tenant in queue.Tenants)
        {
            table.Add(
                $"{indent}  ({tenant.Tenant})", "", "", Gpus(tenant.Used, "0"), "", Gpus(tenant.Scavenged, "0"),
                $"{tenant.Running}", $"{tenant.Waiting}", "", Words.Percent(tenant.SharePercent));
        }

        foreach (var below in all.Where(below => below.Parent == queue.Name))
        {
            Add(table, below, all, depth + 1);
        }
    }

    private static string Gpus(QueueAmountStatus amount, string otherwise) =>
        amount.Gpus is { } gpus ? Number(gpus) : otherwise;

    private static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
