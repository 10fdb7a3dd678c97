using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm gpu ...</c></summary>
internal static class GpuCommands
{
    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("gpu", "Devices.");
        GpuTopCommand.AddTo(tree, group);
        tree.Add(group, "list", "List the GPUs.", ListAsync);
        var gpu = new NameArgument("gpu", "The GPU as in gpu list: HOST/INDEX.") { SuggestAsync = Suggestions.GpusAsync };
        tree.Add(
            group, "show", "Draw what is on a GPU and tell what would fit.",
            call => ShowAsync(call, call.Parsed.GetRequiredValue(gpu)), gpu);
        var mode = new NameArgument("mode", $"{string.Join(", ", GpuModes.All)}; auto: whichever is needed.")
        {
            SuggestAsync = Suggestions.ModesOf(gpu),
        };
        tree.Add(
            group, "mode", "Set the mode of an empty GPU.",
            call => SetModeAsync(call, call.Parsed.GetRequiredValue(gpu), call.Parsed.GetRequiredValue(mode)), gpu, mode);
    }

    /// <summary>A table of GPUs.</summary>
    public static void WriteList(CommandCall call, IReadOnlyList<GpuStatus> gpus)
    {
        var table = new Table(
            new Column("GPU"), new Column("Model"), new Column("Device"), new Column("Mode"), new Column("Slices", true),
            new Column("Memory free", true), new Column("Memory", true), new Column("Compute free", true));
        foreach (var gpu in gpus)
        {
            table.Add(
                gpu.Id,
                gpu.Presented ? $"{gpu.Model} (presented)" : gpu.Model,
                gpu.Name,
                Words.Mode(gpu.Mode),
                $"{gpu.Slices.Count}",
                Words.Size(gpu.MemoryFreeBytes),
                Words.Size(gpu.MemoryTotalBytes),
                Words.Percent(gpu.ComputeFreePercent));
        }

        call.Results.WriteTable(table, "There are no GPUs.");
    }

    private static async Task<int> ListAsync(CommandCall call)
    {
        var gpus = await call.Client.Cluster.ListGpusAsync(call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new GpuList { Gpus = gpus });
        }
        else
        {
            WriteList(call, gpus);
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(CommandCall call, string id)
    {
        var (host, index) = Split(id);
        var gpu = await call.Client.Cluster.GetGpuAsync(host, index, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(gpu);
        }
        else
        {
            new GpuView(call, gpu).Write();
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> SetModeAsync(CommandCall call, string id, string mode)
    {
        var (host, index) = Split(id);
        var gpu = await call.Client.Operations.SetGpuModeAsync(host, index, mode, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(gpu);
        }
        else
        {
            call.Results.WriteLine(gpu.ModeSetting is { } set
                ? $"{gpu.Id} is in mode {GpuModes.NameOf(set)}."
                : $"{gpu.Id} takes whichever mode is needed: {string.Join(", ", gpu.AllowedModes.Select(GpuModes.NameOf))}.");
        }

        return ExitCodes.Ok;
    }

    private static (string Host, string Index) Split(string id)
    {
        int slash = id.LastIndexOf('/');
        return slash > 0 && slash < id.Length - 1
            ? (id[..slash], id[(slash + 1)..])
            : throw new UsageException($"'{id}' is no GPU; give HOST/INDEX as in gpu list, such as gpu-host-1/0.");
    }
}
