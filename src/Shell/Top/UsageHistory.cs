using GpuActors.Shared.Api;

namespace GpuActors.Shell.Top;

/// <summary>A slice at one look.</summary>
/// <param name="Slice">The slice and who owns it.</param>
/// <param name="Usage">The newest report about it; null if there is none (yet).</param>
/// <param name="Rates">What it did between the last two reports; null if there were no two.</param>
internal sealed record SliceRow(SliceStatus Slice, SliceUsageStatus? Usage, SliceRates? Rates);

/// <summary>A GPU with its slices at one look.</summary>
internal sealed record GpuRows(GpuStatus Gpu, IReadOnlyList<SliceRow> Slices);

/// <summary>
/// Makes rates of what is seen look by look. A worker reports about once a second, not in step with the looks, so rates
/// stand between reports; a look that finds no newer report keeps the rates of the last. What is not seen any more is
/// forgotten; another session on the same slice, or the same one under another epoch, begins without rates.
/// </summary>
internal sealed class UsageHistory
{
    private Dictionary<Key, Seen> _seen = [];

    /// <summary>The GPUs by id, each with its slices in order, as they are after one look more.</summary>
    public IReadOnlyList<GpuRows> Add(IReadOnlyList<GpuStatus> gpus, IReadOnlyList<SliceUsageStatus> usage)
    {
        var seen = new Dictionary<Key, Seen>();
        foreach (var report in usage)
        {
            var key = new Key(report.Slice, report.Session, report.Epoch);
            seen[key] = _seen.TryGetValue(key, out var before) ? Next(before, report) : new Seen(report, null);
        }

        _seen = seen;
        return [.. gpus.OrderBy(gpu => gpu.Host, StringComparer.Ordinal).ThenBy(gpu => IndexOf(gpu.Id))
            .Select(gpu => new GpuRows(gpu, [.. gpu.Slices.Select(Row)]))];
    }

    private static Seen Next(Seen before, SliceUsageStatus report) => report.ReportedAt == before.Newest.ReportedAt
        ? before
        : new Seen(report, SliceRates.Between(before.Newest, report));

    private SliceRow Row(SliceStatus slice) =>
        _seen.TryGetValue(new Key(slice.Id, slice.Session, slice.Epoch), out var seen)
            ? new SliceRow(slice, seen.Newest, seen.Rates)
            : new SliceRow(slice, null, null);

    private static int IndexOf(string gpu) =>
        int.TryParse(gpu.AsSpan(gpu.LastIndexOf('/') + 1), out var index) ? index : int.MaxValue;

    private sealed record Key(string Slice, string Session, long Epoch);

    private sealed record Seen(SliceUsageStatus Newest, SliceRates? Rates);
}
