using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuActors.Shell.Top;

/// <summary>A look as one JSON object; what is not known is null.</summary>
internal static class TopJson
{
    /// <summary>The object of one look.</summary>
    public static JsonObject Of(DateTimeOffset at, IReadOnlyList<GpuRows> gpus) => new()
    {
        ["at"] = Time(at),
        ["gpus"] = new JsonArray([.. gpus.Select(Gpu)]),
    };

    private static JsonObject Gpu(GpuRows rows) => new()
    {
        ["gpu"] = rows.Gpu.Id,
        ["model"] = rows.Gpu.Model,
        ["memoryTotalBytes"] = rows.Gpu.MemoryTotalBytes,
        ["memoryFreeBytes"] = rows.Gpu.MemoryFreeBytes,
        ["slices"] = new JsonArray([.. rows.Slices.Select(Slice)]),
    };

    private static JsonObject Slice(SliceRow row) => new()
    {
        ["slice"] = row.Slice.Id,
        ["profile"] = row.Slice.Profile,
        ["computePercent"] = row.Slice.ComputePercent,
        ["memoryBytes"] = row.Slice.MemoryBytes,
        ["session"] = row.Slice.Session,
        ["epoch"] = row.Slice.Epoch,
        ["reportedAt"] = row.Usage is { } usage ? Time(usage.ReportedAt) : null,
        ["memoryUsedBytes"] = row.Usage?.MemoryBytes,
        ["memoryPeakBytes"] = row.Usage?.MemoryPeakBytes,
        ["busyShare"] = row.Rates?.Busy,
        ["queuedShare"] = row.Rates?.Queued,
        ["throttledShare"] = row.Rates?.Throttled,
        ["kernelsPerSecond"] = row.Rates?.KernelsPerSecond,
        ["bytesInPerSecond"] = row.Rates?.BytesInPerSecond,
        ["bytesOutPerSecond"] = row.Rates?.BytesOutPerSecond,
    };

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
