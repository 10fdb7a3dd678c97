using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;

namespace GpuActors.Shell.Output;

/// <summary>What lies on a part of a GPU: a slice, nothing, or what somebody else has.</summary>
/// <param name="From">Where it begins, in units of the whole.</param>
/// <param name="To">Where it ends: the first unit behind it.</param>
/// <param name="Slice">The slice; null if there is none, or none that may be seen.</param>
/// <param name="IsFree">Nobody has it.</param>
internal readonly record struct LayoutPart(long From, long To, SliceStatus? Slice, bool IsFree)
{
    /// <summary>A short name: <c>s0 3g.20gb</c>, <c>free</c>, <c>others</c>.</summary>
    public string Label => Slice is { } slice ? $"{NameOf(slice)} {Words.Kind(slice)}" : IsFree ? "free" : "others";

    /// <summary>A slice's own part of its name: <c>s0</c>.</summary>
    public static string NameOf(SliceStatus slice) => slice.Id[(slice.Id.LastIndexOf('/') + 1)..];

    /// <summary>The memory line of a GPU from its first unit to its last, without gaps.</summary>
    public static IReadOnlyList<LayoutPart> OfLine(GpuStatus gpu)
    {
        var parts = new List<LayoutPart>();
        var free = gpu.LineFree.ToHashSet();
        var width = gpu.Line ?? 0;
        for (var unit = 0; unit < width;)
        {
            var slice = gpu.Slices.FirstOrDefault(known => known.Start == unit);
            var end = unit + Math.Max(1, slice?.Size ?? 1);
            var isFree = slice is null && free.Contains(unit);
            while (slice is null && end < width && free.Contains(end) == isFree
                && !gpu.Slices.Any(known => known.Start == end))
            {
                end++;
            }

            parts.Add(new LayoutPart(unit, end, slice, isFree));
            unit = end;
        }

        return parts;
    }

    /// <summary>The memory of a GPU whose slices have no places: one after the other, then what others have, then what
    /// is free.</summary>
    public static IReadOnlyList<LayoutPart> OfMemory(GpuStatus gpu) =>
        Sequence(gpu, slice => slice.MemoryBytes, gpu.MemoryTotalBytes, gpu.MemoryFreeBytes);

    /// <summary>The compute that slices have reserved, in tenths of a percent.</summary>
    public static IReadOnlyList<LayoutPart> OfCompute(GpuStatus gpu) =>
        Sequence(gpu, slice => (long)(slice.ComputePercent * 10), 1000, (long)(gpu.ComputeFreePercent * 10));

    /// <summary>Whether compute is reserved in parts there.</summary>
    public static bool HasComputeParts(GpuStatus gpu) => gpu.Mode == GpuMode.Shared && gpu.Slices.Count > 0;

    private static List<LayoutPart> Sequence(GpuStatus gpu, Func<SliceStatus, long> amount, long total, long free)
    {
        var parts = new List<LayoutPart>();
        long at = 0;
        foreach (var slice in gpu.Slices)
        {
            parts.Add(new LayoutPart(at, at += amount(slice), slice, false));
        }

        if (total - free > at)
        {
            parts.Add(new LayoutPart(at, at = total - free, null, false));
        }

        if (total > at)
        {
            parts.Add(new LayoutPart(at, total, null, true));
        }

        return parts;
    }
}
