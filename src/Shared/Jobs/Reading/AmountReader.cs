using System.Text.Json;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads sizes and times.</summary>
internal static class AmountReader
{
    /// <summary>A number of bytes, bare or with a unit.</summary>
    public static long ReadSize(JsonValue value)
    {
        string? error = null;
        long bytes;
        if (JsonNumbers.TryInteger(value.Element, out var number))
        {
            bytes = (long)Int128.Clamp(number, -1, long.MaxValue);
        }
        else if (!value.IsString || !Strings.TryGet(value.Element, out var text) ||
            !Amounts.TrySize(text, out bytes, out error))
        {
            value.RefuseValue<int>("must be a size: a whole number of bytes, or a string such as \"64MiB\"");
            return JobLimits.MemoryBytes;
        }

        if (error is not null || bytes is < 0 or > JobLimits.MemoryBytes)
        {
            value.Problems.Meaning(value.Place, error ?? $"must be from 0 to {JobLimits.MemoryBytes} bytes");
        }

        return bytes;
    }

    /// <summary>A time, as seconds or with a unit.</summary>
    public static TimeSpan ReadTime(JsonValue value)
    {
        if (!TrySeconds(value.Element, out var seconds))
        {
            value.RefuseValue<int>("must be a time: a number of seconds, or a string such as \"90s\" or \"2h\"");
            return JobLimits.TimeLimit;
        }

        if (!(seconds >= 0.001 && seconds <= JobLimits.TimeLimit.TotalSeconds))
        {
            value.Problems.Meaning(value.Place, "must be from 1ms to 7d");
            return JobLimits.TimeLimit;
        }

        return TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
    }

    /// <summary>A time in a range, as seconds or with a unit.</summary>
    public static TimeSpan ReadTime(JsonValue value, TimeSpan shortest, TimeSpan longest)
    {
        var problems = value.Problems.Count;
        var time = ReadTime(value);
        if (value.Problems.Count == problems && (time < shortest || time > longest))
        {
            value.Problems.Meaning(
                value.Place, $"must be from {Amounts.FormatTime(shortest)} to {Amounts.FormatTime(longest)}");
        }

        return time;
    }

    /// <summary>How long a job may go on that has to yield: a time that may be 0.</summary>
    public static TimeSpan ReadGrace(JsonValue value)
    {
        if (!TrySeconds(value.Element, out var seconds))
        {
            value.RefuseValue<int>("must be a time: a number of seconds, or a string such as \"30s\" or \"2m\"");
            return TimeSpan.Zero;
        }

        if (!(seconds >= 0 && seconds <= JobLimits.Grace.TotalSeconds))
        {
            value.Problems.Meaning(value.Place, "must be from 0 to 1h");
            return TimeSpan.Zero;
        }

        return TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
    }

    private static bool TrySeconds(JsonElement element, out double seconds)
    {
        if (element.ValueKind == JsonValueKind.Number)
        {
            // A number beyond a double's range is a number all the same, and beyond the limit.
            seconds = JsonNumbers.TryReal(element, out var value) ? value : double.PositiveInfinity;
            return true;
        }

        seconds = 0;
        return element.ValueKind == JsonValueKind.String && Strings.TryGet(element, out var text) &&
            Amounts.TrySeconds(text, out seconds);
    }
}
