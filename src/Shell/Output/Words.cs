using System.Globalization;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;

namespace GpuActors.Shell.Output;

/// <summary>Amounts and times as people read them.</summary>
internal static class Words
{
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        double amount = bytes;
        int unit = 0;
        while (Math.Abs(amount) >= 1024 && unit < units.Length - 1)
        {
            amount /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{amount:0.#} {units[unit]}");
    }

    /// <summary>Cores; empty if not known.</summary>
    public static string Cores(double? cores) => string.Create(CultureInfo.InvariantCulture, $"{cores:0.###}");

    public static string Percent(double percent) => string.Create(CultureInfo.InvariantCulture, $"{percent:0.#} %");

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalMilliseconds):0}ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#}s"),
        { TotalHours: < 1 } => $"{span.Minutes}m{span.Seconds:00}s",
        { TotalDays: < 1 } => $"{span.Hours}h{span.Minutes:00}m",
        _ => $"{span.Days}d{span.Hours:00}h",
    };

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string? Time(DateTimeOffset? time) => time is { } known ? Time(known) : null;

    public static string Progress(JobProgress progress) => progress.StepsTotal == 0
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{progress.StepsDone}/{progress.StepsTotal}");

    /// <summary>A state as the API spells it.</summary>
    public static string State<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    /// <summary>The shape of a slice: its profile, or what else it is.</summary>
    public static string Kind(SliceStatus slice) => slice.Profile ?? slice.Mode switch
    {
        GpuMode.Passthrough => "whole",
        GpuMode.Sriov => "function",
        _ => "fraction",
    };

    /// <summary>The compute that a slice has: units of its own, a share that is reserved, or all in turns.</summary>
    public static string Compute(SliceStatus slice) => slice switch
    {
        { ComputeUnits: > 0 } => $"{slice.ComputeUnits} units",
        { Mode: GpuMode.Vgpu or GpuMode.VgpuMixed } => "in turns",
        _ => Percent(slice.ComputePercent),
    };

    public static string Mode(GpuMode? mode) => mode is { } known ? GpuModes.NameOf(known) : "open";
}
