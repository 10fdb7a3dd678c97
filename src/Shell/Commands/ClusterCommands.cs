using System.CommandLine;
using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm cluster|cluster-sharding ...</c>, with the words of Petabridge.Cmd where it has them.</summary>
internal static class ClusterCommands
{
    public static void AddTo(CommandTree tree)
    {
        var cluster = tree.AddGroup("cluster", "The cluster as a whole and its scheduler nodes.");
        tree.Add(cluster, "status", "Tell how the cluster is.", StatusAsync);
        tree.Add(cluster, "show", "List the scheduler nodes.", ShowAsync);
        AddForMember(tree, cluster, "leave", "Let a node hand over what it owns and leave.", LeaveAsync);
        AddForMember(tree, cluster, "down", "Declare a node dead: what it owned is taken over at once.", DownAsync);
        tree.Add(cluster, "events", "Tell what changes among the nodes until interrupted.", EventsAsync);
        var sharding = tree.AddGroup("cluster-sharding", "Where sessions, queues, cells and host twins run.");
        var region = new NameArgument("region", "The kind: sessions, hosts, queues or cells.")
        {
            SuggestAsync = async (call, _) => (await call.Client.Operations.ListRegionsAsync(call.CancellationToken))
                .Select(known => known.Region).Distinct(),
        };
        tree.Add(sharding, "list-regions", "List the kinds of entities.", ListRegionsAsync);
        tree.Add(sharding, "region-stats", "Count shards and entities on each node.", RegionStatsAsync);
        tree.Add(
            sharding,
            "list-shards",
            "List the shards of a kind and where they run.",
            call => ListShardsAsync(call, call.Parsed.GetRequiredValue(region)),
            region);
    }

    private static void AddForMember(
        CommandTree tree, Command group, string name, string description, Func<CommandCall, string, Task<int>> run)
    {
        var address = new NameArgument("address", "The node's address as in cluster show: host:port.")
        {
            SuggestAsync = async (call, _) => (await call.Client.Operations.ListMembersAsync(call.CancellationToken))
                .Select(member => member.Address),
        };
        tree.Add(group, name, description, call => run(call, call.Parsed.GetRequiredValue(address)), address);
    }

    private static async Task<int> ShowAsync(CommandCall call)
    {
        var members = await call.Client.Operations.ListMembersAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new ClusterMemberList { Members = members });
            return ExitCodes.Ok;
        }

        var now = call.Environment.Time.GetUtcNow();
        var table = new Table(
            new Column("Address"), new Column("State"), new Column("Lease"), new Column("Role"), new Column("API"),
            new Column("Version"), new Column("Age", true));
        foreach (var member in members)
        {
            table.Add(
                member.Address,
                Words.State(member.State),
                member.Reachable ? "ok" : "lost",
                member.Leader ? "oldest" : "",
                member.HttpAddress ?? "",
                member.Version,
                Words.Span(now - member.JoinedAt));
        }

        call.Results.WriteTable(table, "There are no scheduler nodes.");
        return ExitCodes.Ok;
    }

    private static async Task<int> LeaveAsync(CommandCall call, string address) =>
        Write(call, await call.Client.Operations.LeaveAsync(address, call.CancellationToken), "hands over and leaves");

    private static async Task<int> DownAsync(CommandCall call, string address) =>
        Write(call, await call.Client.Operations.DownAsync(address, call.CancellationToken), "is declared dead");

    private static int Write(CommandCall call, ClusterMember member, string what)
    {
        if (call.Results.Json)
        {
            call.Results.WriteJson(member);
        }
        else
        {
            call.Results.WriteLine($"{member.Address} {what}; cluster show tells how far it is.");
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> EventsAsync(CommandCall call)
    {
        await foreach (var change in call.Client.Operations.ReadChangesAsync(call.CancellationToken))
        {
            call.Results.WriteLine(call.Results.Json
                ? JsonSerializer.Serialize(change, ApiJsonContext.Default.ClusterChange)
                : $"{Words.Time(change.At)} {change.Kind} {change.Member.Address}");
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> ListRegionsAsync(CommandCall call)
    {
        var regions = await call.Client.Operations.ListRegionsAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new ShardRegionList { Regions = regions });
            return ExitCodes.Ok;
        }

        var table = new Table(
            new Column("Region"), new Column("Nodes", true), new Column("Shards", true), new Column("Entities", true));
        foreach (var region in regions.GroupBy(region => region.Region))
        {
            table.Add(
                region.Key,
                $"{region.Count()}",
                $"{region.Sum(node => node.Shards)}",
                $"{region.Sum(node => node.Entities)}");
        }

        call.Results.WriteTable(table, "There are no regions.");
        return ExitCodes.Ok;
    }

    private static async Task<int> RegionStatsAsync(CommandCall call)
    {
        var regions = await call.Client.Operations.ListRegionsAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new ShardRegionList { Regions = regions });
            return ExitCodes.Ok;
        }

        var table = new Table(
            new Column("Region"), new Column("Node"), new Column("Shards", true), new Column("Entities", true));
        foreach (var region in regions)
        {
            table.Add(
                region.Region,
                region.Node,
                region.Answered ? $"{region.Shards}" : "?",
                region.Answered ? $"{region.Entities}" : "?");
        }

        call.Results.WriteTable(table, "There are no regions.");
        return ExitCodes.Ok;
    }

    private static async Task<int> ListShardsAsync(CommandCall call, string region)
    {
        var shards = await call.Client.Operations.ListShardsAsync(region, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(shards);
            return ExitCodes.Ok;
        }

        var table = new Table(new Column("Shard", true), new Column("Node"), new Column("Entities", true));
        foreach (var shard in shards.Shards)
        {
            table.Add(shard.Shard, shard.Node, $"{shard.Entities}");
        }

        call.Results.WriteTable(table, "No shard runs.");
        return ExitCodes.Ok;
    }

    private static async Task<int> StatusAsync(CommandCall call)
    {
        var status = await call.Client.Cluster.GetStatusAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(status);
            return ExitCodes.Ok;
        }

        call.Results.WriteDetails(
            ("Version", status.Version),
            ("Up for", Words.Span(status.Now - status.StartedAt)),
            ("Hosts", Counts(status.Hosts.Select(h => (Words.State(h.Key), (long)h.Value)))),
            ("GPUs", $"{status.Gpus}"),
            ("Slices", $"{status.Slices}"),
            ("Memory", $"{Words.Size(status.MemoryFreeBytes)} free of {Words.Size(status.MemoryTotalBytes)}"),
            ("Jobs", Counts(status.Jobs.Select(j => (j.Key.ToString(), j.Value)))));
        return ExitCodes.Ok;
    }

    private static string Counts(IEnumerable<(string Name, long Count)> counts)
    {
        var known = counts.Where(c => c.Count > 0).Select(c => $"{c.Count} {c.Name}").ToList();
        return known.Count == 0 ? "none" : string.Join(", ", known);
    }
}
