using System.Globalization;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Top;

/// <summary>A look as lines for people and programs that read lines.</summary>
internal static class TopTable
{
    /// <summary>What stands where there is no number.</summary>
    public const string Unknown = "-";

    /// <summary>One line for each slice.</summary>
    public static Table Of(IReadOnlyList<GpuRows> gpus)
    {
        var table = new Table(
            new Column("Slice"), new Column("Share"), new Column("Busy", true), new Column("Throttled", true),
            new Column("Memory used", true), new Column("Memory", true), new Column("Kernels/s", true),
            new Column("In/s", true), new Column("Out/s", true), new Column("Session"));
        foreach (var row in gpus.SelectMany(gpu => gpu.Slices))
        {
            table.Add(
                row.Slice.Id,
                ShareOf(row.Slice),
                Percent(row.Rates?.Busy),
                Percent(row.Rates?.Throttled),
                row.Usage is { } usage ? Words.Size(usage.MemoryBytes) : Unknown,
                Words.Size(row.Slice.MemoryBytes),
                Count(row.Rates?.KernelsPerSecond),
                Bytes(row.Rates?.BytesInPerSecond),
                Bytes(row.Rates?.BytesOutPerSecond),
                row.Slice.Session);
        }

        return table;
    }

    /// <summary>The slice's profile or its part of the compute.</summary>
    public static string ShareOf(SliceStatus slice) => slice.Profile ?? Words.Percent(slice.ComputePercent);

    /// <summary>A share from 0 to 1 in whole percent.</summary>
    public static string Percent(double? share) =>
        share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{100 * known:0} %") : Unknown;

    /// <summary>Events in a second.</summary>
    public static string Count(double? perSecond) => perSecond is { } known
        ? known.ToString(known < 10 ? "0.#" : "0", CultureInfo.InvariantCulture)
        : Unknown;

    /// <summary>Bytes in a second.</summary>
    public static string Bytes(double? perSecond) => perSecond is { } known ? Words.Size((long)known) : Unknown;
}
