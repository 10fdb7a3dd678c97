using System.Globalization;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary>All about one GPU: what it is, its layout as a bar, its slices, and what would still fit.</summary>
internal sealed class GpuView(CommandCall call, GpuStatus gpu)
{
    private const int DenseLine = 16;
    private const int DenseStep = 10;

    public void Write()
    {
        call.Results.WriteDetails(Details());
        WriteLayout();
        WriteSlices();
        WriteProfiles();
    }

    private (string Label, string? Value)[] Details() =>
    [
        ("GPU", gpu.Id),
        ("Model", gpu.Presented ? $"{gpu.Model} (presented; the device is {gpu.Name})" : gpu.Model),
        ("Vendor", gpu.Vendor),
        ("Driver", gpu.Driver),
        ("Capability", gpu.ComputeCapability),
        ("NVLink", gpu.NvLinkGroup is { } group ? $"group {group}" : null),
        ("Attached to", gpu.NumaNode is { } node ? $"NUMA node {node}{(gpu.Rdma ? ", RDMA" : "")}" : gpu.Rdma ? "RDMA" : null),
        ("Mode", ModeText()),
        ("Memory", $"{Words.Size(gpu.MemoryFreeBytes)} free of {Words.Size(gpu.MemoryTotalBytes)}"),
        ("Compute", $"{Words.Percent(gpu.ComputeFreePercent)} free of {gpu.ComputeUnits} units"),
        ("Layout", call.Results.Drawn ? null : LayoutText()),
    ];

    private string ModeText()
    {
        var allowed = string.Join(", ", gpu.AllowedModes.Select(GpuModes.NameOf));
        return gpu.ModeSetting is { } set
            ? set == gpu.Mode ? $"{GpuModes.NameOf(set)} (set)" : $"{Words.Mode(gpu.Mode)} (set to {GpuModes.NameOf(set)} once it is empty)"
            : $"{Words.Mode(gpu.Mode)} (auto: {allowed})";
    }

    private string LayoutText() => gpu.Line is not null
        ? new LayoutBar(LayoutPart.OfLine(gpu), gpu.Line.Value).Describe(LayoutBar.Number, inclusive: true)
        : new LayoutBar(LayoutPart.OfMemory(gpu), gpu.MemoryTotalBytes).Describe(Words.Size, inclusive: false);

    private void WriteLayout()
    {
        if (!call.Results.Drawn)
        {
            return;
        }

        if (gpu.Line is { } width)
        {
            var step = width > DenseLine ? DenseStep : 1;
            var marks = Enumerable.Range(0, width).Where(unit => unit % step == 0)
                .Select(unit => ((long)unit, LayoutBar.Number(unit)));
            WriteBar($"Memory line, {width} units", LayoutPart.OfLine(gpu), width, marks);
        }
        else
        {
            WriteBar("Memory", LayoutPart.OfMemory(gpu), gpu.MemoryTotalBytes, Quarters(gpu.MemoryTotalBytes, Words.Size));
        }

        if (LayoutPart.HasComputeParts(gpu))
        {
            WriteBar("Compute reserved", LayoutPart.OfCompute(gpu), 1000, Quarters(1000, tenths => Words.Percent(tenths / 10.0)));
        }
    }

    private static IEnumerable<(long Unit, string Text)> Quarters(long total, Func<long, string> text) =>
        Enumerable.Range(0, 4).Select(quarter => (total * quarter / 4, text(total * quarter / 4)));

    private void WriteBar(string title, IReadOnlyList<LayoutPart> parts, long total, IEnumerable<(long Unit, string Text)> marks)
    {
        call.Results.WriteLine("");
        call.Results.WriteLine(title);
        var drawing = call.Environment.Drawing;
        foreach (var line in new LayoutBar(parts, total).Draw(drawing.Profile.Width, marks))
        {
            drawing.Write(line);
            call.Results.WriteLine("");
        }
    }

    private void WriteSlices()
    {
        if (gpu.Slices.Count == 0)
        {
            return;
        }

        var now = call.Environment.Time.GetUtcNow();
        var table = new Table(
            new Column("Slice"), new Column("Session"), new Column("Profile"), new Column("Place", true),
            new Column("Memory", true), new Column("Compute", true), new Column("Shares"), new Column("Age", true));
        foreach (var slice in gpu.Slices.OrderBy(slice => slice.Start ?? 0).ThenBy(slice => slice.Id, StringComparer.Ordinal))
        {
            table.Add(
                LayoutPart.NameOf(slice),
                slice.Session,
                Words.Kind(slice),
                slice.Start is { } start ? Place(start, slice.Size ?? 1) : "-",
                Words.Size(slice.MemoryBytes),
                Words.Compute(slice),
                slice.Shares is { } shares ? Shares(shares, slice.LimitPercent ?? 100) : "-",
                Words.Span(now - slice.Since));
        }

        call.Results.WriteLine("");
        call.Results.WriteTable(table, "");
    }

    private void WriteProfiles()
    {
        if (gpu.Profiles is not { Count: > 0 } profiles)
        {
            return;
        }

        var table = new Table(
            new Column("Profile"), new Column("Mode"), new Column("Memory", true), new Column("Compute", true),
            new Column("Fits", true), new Column("Free places"));
        foreach (var profile in profiles)
        {
            table.Add(
                profile.Name,
                GpuModes.NameOf(profile.Mode),
                Words.Size(profile.MemoryBytes),
                profile.ComputeUnits > 0 ? $"{profile.ComputeUnits} units" : "in turns",
                LayoutBar.Number(profile.Fits),
                profile.Size is null ? "-" : string.Join(' ', profile.Starts.Select(start => LayoutBar.Number(start))));
        }

        call.Results.WriteLine("");
        call.Results.WriteTable(table, "");
    }

    private static string Place(int start, int size) => size == 1
        ? LayoutBar.Number(start)
        : string.Create(CultureInfo.InvariantCulture, $"{start}-{start + size - 1}");

    private static string Shares(ShareLevel shares, int limit) =>
        limit < 100 ? $"{Words.State(shares)}, at most {Words.Percent(limit)}" : Words.State(shares);
}
