using GpuActors.Shell.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GpuActors.Shell.Top;

/// <summary>A look as it is drawn on a terminal: GPU by GPU, a bar for each slice.</summary>
internal static class TopView
{
    private const int BarCells = 20;
    private static readonly Style BusyStyle = new(Color.Green);
    private static readonly Style ThrottledStyle = new(Color.Red);
    private static readonly Style RestStyle = new(Color.Grey);
    private static readonly Style Bold = new(decoration: Decoration.Bold);

    /// <summary>Draws a look.</summary>
    /// <param name="gpus">What was seen.</param>
    /// <param name="live">Further looks follow in the same place.</param>
    public static IRenderable Of(IReadOnlyList<GpuRows> gpus, bool live)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.None };
        foreach (var (title, right) in new[]
        {
            ("Slice", false), ("Share", false), ("Busy and throttled", false), ("Busy", true), ("Throttled", true),
            ("Memory", true), ("Kernels/s", true), ("In/s", true), ("Out/s", true), ("Session", false),
        })
        {
            var column = new TableColumn(new Text(title, RestStyle)) { NoWrap = true };
            table.AddColumn(right ? column.RightAligned() : column);
        }

        var used = gpus.Where(gpu => gpu.Slices.Count > 0).ToArray();
        var parts = new List<IRenderable>();
        foreach (var gpu in used)
        {
            AddGpu(table, gpu);
        }

        if (used.Length > 0)
        {
            parts.Add(table);
        }

        if (Rest(gpus.Count, used.Length) is { } rest)
        {
            parts.Add(new Text(rest, RestStyle));
        }

        if (live)
        {
            parts.Add(new Text("q ends.", RestStyle));
        }

        return new Rows(parts);
    }

    /// <summary>A bar of <see cref="BarCells"/> cells: first what was busy, then what was throttled.</summary>
    internal static Paragraph Bar(SliceRates? rates)
    {
        var busy = Cells(rates?.Busy ?? 0);
        var throttled = Math.Min(BarCells - busy, Cells(rates?.Throttled ?? 0));
        return new Paragraph()
            .Append(new string('█', busy), BusyStyle)
            .Append(new string('▒', throttled), ThrottledStyle)
            .Append(new string('·', BarCells - busy - throttled), RestStyle);
    }

    private static void AddGpu(Spectre.Console.Table table, GpuRows rows)
    {
        var gpu = rows.Gpu;
        table.AddRow(new Text(gpu.Id, Bold), new Text(Words.Mode(gpu.Mode), RestStyle), new Text(gpu.Model, Bold));
        foreach (var row in rows.Slices)
        {
            table.AddRow(
                new Text("  " + row.Slice.Id[(row.Slice.Id.LastIndexOf('/') + 1)..]),
                new Text(TopTable.ShareOf(row.Slice)),
                Bar(row.Rates),
                new Text(TopTable.Percent(row.Rates?.Busy)),
                new Text(TopTable.Percent(row.Rates?.Throttled)),
                new Text($"{MemoryUsed(row)} of {Words.Size(row.Slice.MemoryBytes)}"),
                new Text(TopTable.Count(row.Rates?.KernelsPerSecond)),
                new Text(TopTable.Bytes(row.Rates?.BytesInPerSecond)),
                new Text(TopTable.Bytes(row.Rates?.BytesOutPerSecond)),
                new Text(row.Slice.Session));
        }
    }

    private static string MemoryUsed(SliceRow row) =>
        row.Usage is { } usage ? Words.Size(usage.MemoryBytes) : TopTable.Unknown;

    private static int Cells(double share) => (int)Math.Round(BarCells * Math.Clamp(share, 0, 1));

    private static string? Rest(int all, int used) => (all, used) switch
    {
        (0, _) => "There are no GPUs.",
        _ when used == 0 => $"No session runs on {all} GPU(s).",
        _ when used < all => $"No session runs on {all - used} more GPU(s).",
        _ => null,
    };
}
