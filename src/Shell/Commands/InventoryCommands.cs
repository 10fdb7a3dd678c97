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
            new Column("GPU memory free", true), new Column("GPU memory", true), new Column("Cores free", true), new Column("Cores", true),
            new Column("Memory free", true), new Column("Memory", true), new Column("Rack"), new Column("Address"), new Column("Version"));
        foreach (var host in hosts)
        {
            table.Add(
                host.Name,
                Words.State(host.State),
                $"{host.Gpus.Count}",
                $"{host.Gpus.Sum(g => g.Slices.Count)}",
                Words.Size(host.Gpus.Sum(g => g.MemoryFreeBytes)),
                Words.Size(host.Gpus.Sum(g => g.MemoryTotalBytes)),
                Words.Cores(host.CoresFree),
                Words.Cores(host.Cores),
                host.MemoryFreeBytes is { } free ? Words.Size(free) : "",
                host.MemoryTotalBytes is { } memory ? Words.Size(memory) : "",
                host.Rack ?? "",
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
            ("Gateway", host.Gateway),
            ("Version", host.Version),
            ("Rack", host.Rack),
            ("Labels", string.Join('\n', host.Labels.OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}={label.Value}"))),
            ("Cores", host.Cores is null ? null : Of(Words.Cores(host.CoresFree), Words.Cores(host.Cores))),
            ("Memory", host.MemoryTotalBytes is { } memory
                ? Of(host.MemoryFreeBytes is { } free ? Words.Size(free) : "", Words.Size(memory)) : null),
            ("Lease", host.Lease is { } lease ? $"epoch {lease.Epoch}, until {Words.Time(lease.ExpiresAt)}" : null));
        GpuCommands.WriteList(call, host.Gpus);
        return ExitCodes.Ok;
    }

    /// <summary>"3.5 free of 8"; of a host of which the cell has not heard only how much there is.</summary>
    private static string Of(string free, string all) => free.Length > 0 ? $"{free} free of {all}" : all;

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
