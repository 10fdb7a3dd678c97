using System.Globalization;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>Times as people read them.</summary>
internal static class Durations
{
    /// <summary>Three digits and a unit: <c>0.25 s</c>, <c>45 s</c>, <c>12 min</c>, <c>3.5 h</c>, <c>2 d</c>.</summary>
    public static string Text(double seconds) => seconds switch
    {
        0 => "0 s",
        < 9.95 => Words(seconds, "s", "0.##"),
        < 59.5 => Words(seconds, "s", "0"),
        < 3570 => Words(seconds / 60, "min", "0.#"),
        < 85_000 => Words(seconds / 3600, "h", "0.#"),
        _ => Words(seconds / 86_400, "d", "0.#"),
    };

    private static string Words(double amount, string unit, string format) =>
        $"{amount.ToString(format, CultureInfo.InvariantCulture)} {unit}";
}
