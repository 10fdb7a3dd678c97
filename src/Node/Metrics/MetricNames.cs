using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;

namespace GpuActors.Node.Metrics;

/// <summary>
/// Names of metrics and labels in Prometheus' character set, by the rules that OpenTelemetry has for it: dots become
/// underscores, the unit is written out at the end, and what only grows ends with <c>_total</c>.
/// </summary>
internal static class MetricNames
{
    private const string Prefix = "gpuactors";

    /// <summary>A name of these alone is as it should be.</summary>
    private static readonly SearchValues<char> Ordinary = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");

    /// <summary>The metric's name of an instrument.</summary>
    public static string Of(Instrument instrument, MetricType type)
    {
        var own = MeterChoice.IsOwn(instrument.Meter.Name);
        var name = own && !instrument.Name.StartsWith(Prefix, StringComparison.Ordinal)
            ? $"{Prefix}.{instrument.Name}"
            : instrument.Name;
        var result = Clean(name, colons: true);
        var unit = UnitName(instrument.Unit);
        if (unit.Length > 0 && !result.Split('_').Contains(unit))
        {
            result = $"{result}_{unit}";
        }

        return type == MetricType.Counter && !result.EndsWith("_total", StringComparison.Ordinal)
            ? result + "_total"
            : result;
    }

    /// <summary>A label's name; those that begin with two underscores are Prometheus' own.</summary>
    public static string OfLabel(string key) => Clean(key, colons: false);

    private static string Clean(string name, bool colons)
    {
        if (name.Length > 0 && name.AsSpan().IndexOfAnyExcept(Ordinary) < 0)
        {
            return name;
        }

        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            var valid = char.IsAsciiLetterOrDigit(c) || (colons && c == ':');
            if (valid && clean.Length == 0 && char.IsAsciiDigit(c))
            {
                clean.Append('_');
            }

            if (valid || clean.Length == 0 || clean[^1] != '_')
            {
                clean.Append(valid ? c : '_');
            }
        }

        return clean.Length > 0 ? clean.ToString() : "_";
    }

    /// <summary>UCUM's symbols written out; what stands in braces is a remark and no unit.</summary>
    private static string UnitName(string? unit) => unit switch
    {
        null or "" or "1" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "%" => "percent",
        _ when unit.StartsWith('{') => "",
        _ => Clean(unit, colons: false).Trim('_'),
    };
}
