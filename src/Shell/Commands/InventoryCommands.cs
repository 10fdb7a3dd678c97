using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm host|slice ...</c></summary>
internal static class InventoryCommands
{
    public static void AddTo(CommandTree tree)
    {
        var host = tree.AddGroup("host", "Machines with GPUs.");
        var name = new NameArgument("name", "The host's name.") { SuggestAsync = Suggestions.HostsAsync };
        tree.Add(host, "list", "List the hosts.", ListHostsAsync);
        tree.Add(host, "show", "Tell all about a host.", call => ShowHostAsync(call, call.Parsed.GetRequiredValue(name)), name);
        tree.Add(tree.AddGroup("slice", "Parts of GPUs that sessions own."), "list", "List the slices.", ListSlicesAsync);
    }

    private static async Task<int> ListHostsAsync(CommandCall call)
    {
        var hosts = await call.Client.Cluster.ListHostsAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new HostList { Hosts = hosts });
            return ExitCodes.Ok;
        }

        var table = new Table(
            new Column("Host"), new Column("State"), new Column("GPUs", true), new Column("Slices", true),
            new Column("Memory free", true), new Column("Memory", true), new Column("Address"), new Column("Version"));
        foreach (var host in hosts)
        {
            table.Add(
                host.Name,
                Words.State(host.State),
                $"{host.Gpus.Count}",
                $"{host.Gpus.Sum(g => g.Slices.Count)}",
                Words.Size(host.Gpus.Sum(g => g.MemoryFreeBytes)),
                Words.Size(host.Gpus.Sum(g => g.MemoryTotalBytes)),
                host.Address ?? "",
                host.Version ?? "");
        }

        call.Results.WriteTable(table, "There are no hosts.");
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowHostAsync(CommandCall call, string name)
    {
        var host = await call.Client.Cluster.GetHostAsync(name, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(host);
            return ExitCodes.Ok;
        }

        call.Results.WriteDetails(
            ("Host", host.Name),
            ("State", Words.State(host.State)),
            ("Address", host.Address),
            ("Version", host.Version),
            ("Lease", host.Lease is { } lease ? $"epoch {lease.Epoch}, until {Words.Time(lease.ExpiresAt)}" : null));
        GpuCommands.WriteList(call, host.Gpus);
        return ExitCodes.Ok;
    }

    private static async Task<int> ListSlicesAsync(CommandCall call)
    {
        var slices = await call.Client.Cluster.ListSlicesAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new SliceList { Slices = slices });
            return ExitCodes.Ok;
        }

        var now = call.Environment.Time.GetUtcNow();
        var table = new Table(
            new Column("Slice"), new Column("Session"), new Column("Profile"), new Column("Memory", true),
            new Column("Compute", true), new Column("Epoch", true), new Column("Age", true));
        foreach (var slice in slices)
        {
            table.Add(
                slice.Id,
                slice.Session,
                Words.Kind(slice),
                Words.Size(slice.MemoryBytes),
                Words.Compute(slice),
                $"{slice.Epoch}",
                Words.Span(now - slice.Since));
        }

        call.Results.WriteTable(table, "No slice is owned.");
        return ExitCodes.Ok;
    }
}
