using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs;

/// <summary>Sizes, percentages and times as a document writes them.</summary>
public static partial class Amounts
{
    /// <summary>Reads <c>4GiB</c> and the like as bytes. False: it does not look like a size.</summary>
    public static bool TrySize(string text, out long bytes, out string? error)
    {
        bytes = 0;
        error = null;
        if (!SizePattern().IsMatch(text))
        {
            return false;
        }

        try
        {
            var position = 0;
            bytes = (long)NumberLiteral.Read(text, ref position).Integer([]);
        }
        catch (ExpressionException e)
        {
            error = e.Message;
        }

        return true;
    }

    /// <summary>Reads <c>12.5%</c> and the like.</summary>
    public static bool TryPercent(string text, out double percent)
    {
        percent = 0;
        return PercentPattern().IsMatch(text) &&
            double.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out percent);
    }

    /// <summary>Reads <c>90s</c> and the like as seconds.</summary>
    public static bool TrySeconds(string text, out double seconds)
    {
        seconds = 0;
        var match = DurationPattern().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var number = double.Parse(match.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
        seconds = number * match.Groups[2].Value switch
        {
            "ms" => 0.001,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => 86_400,
        };
        return true;
    }

    /// <summary>Writes a time so that <see cref="TrySeconds"/> reads it.</summary>
    public static string FormatTime(TimeSpan time) => time switch
    {
        _ when time.Ticks % TimeSpan.TicksPerHour == 0 => $"{time.Ticks / TimeSpan.TicksPerHour}h",
        _ when time.Ticks % TimeSpan.TicksPerMinute == 0 => $"{time.Ticks / TimeSpan.TicksPerMinute}m",
        _ when time.Ticks % TimeSpan.TicksPerSecond == 0 => $"{time.Ticks / TimeSpan.TicksPerSecond}s",
        _ => $"{(time.Ticks / (decimal)TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture)}ms",
    };

    [GeneratedRegex(@"^[0-9]{1,19}(\.[0-9]{1,6})?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)\z")]
    private static partial Regex SizePattern();

    [GeneratedRegex(@"^[0-9]{1,3}(\.[0-9]{1,6})?%\z")]
    private static partial Regex PercentPattern();

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)\z")]
    private static partial Regex DurationPattern();
}
