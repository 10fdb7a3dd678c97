using System.Globalization;

namespace GpuActors.Shared.Configuration;

/// <summary>A length of time in calendar units, which have no fixed number of seconds.</summary>
public readonly record struct ConfigPeriod(int Years, int Months, int Days);

/// <summary>Numbers with a unit, as the HOCON specification has them ("Units format" and what follows it).</summary>
public static class Units
{
    private static readonly Dictionary<string, decimal> TicksPerUnit = new()
    {
        [""] = TimeSpan.TicksPerMillisecond,
        ["ns"] = 0.01m, ["nano"] = 0.01m, ["nanos"] = 0.01m, ["nanosecond"] = 0.01m, ["nanoseconds"] = 0.01m,
        ["us"] = 10, ["micro"] = 10, ["micros"] = 10, ["microsecond"] = 10, ["microseconds"] = 10,
        ["ms"] = TimeSpan.TicksPerMillisecond, ["milli"] = TimeSpan.TicksPerMillisecond,
        ["millis"] = TimeSpan.TicksPerMillisecond, ["millisecond"] = TimeSpan.TicksPerMillisecond,
        ["milliseconds"] = TimeSpan.TicksPerMillisecond,
        ["s"] = TimeSpan.TicksPerSecond, ["second"] = TimeSpan.TicksPerSecond, ["seconds"] = TimeSpan.TicksPerSecond,
        ["m"] = TimeSpan.TicksPerMinute, ["minute"] = TimeSpan.TicksPerMinute, ["minutes"] = TimeSpan.TicksPerMinute,
        ["h"] = TimeSpan.TicksPerHour, ["hour"] = TimeSpan.TicksPerHour, ["hours"] = TimeSpan.TicksPerHour,
        ["d"] = TimeSpan.TicksPerDay, ["day"] = TimeSpan.TicksPerDay, ["days"] = TimeSpan.TicksPerDay,
    };

    private static readonly Dictionary<string, decimal> BytesPerUnit = BuildBytesPerUnit();

    /// <summary>A time span; a number without unit is in milliseconds. Rounded to 100 ns.</summary>
    public static bool TryParseTimeSpan(string text, out TimeSpan value)
    {
        value = default;
        if (!TryScale(text, TicksPerUnit, out decimal ticks) || ticks is < long.MinValue or > long.MaxValue)
        {
            return false;
        }

        value = new TimeSpan((long)decimal.Round(ticks));
        return true;
    }

    /// <summary>A size in bytes; a number without unit is in bytes. Rounded down to whole bytes.</summary>
    public static bool TryParseBytes(string text, out long value)
    {
        value = 0;
        if (!TryScale(text, BytesPerUnit, out decimal bytes) || bytes is < 0 or > long.MaxValue)
        {
            return false;
        }

        value = (long)decimal.Floor(bytes);
        return true;
    }

    /// <summary>A period; a number without unit is in days.</summary>
    public static bool TryParsePeriod(string text, out ConfigPeriod value)
    {
        value = default;
        if (!TrySplit(text, out string number, out string unit) ||
            !int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count) ||
            count is > 1_000_000 or < -1_000_000)
        {
            return false;
        }

        ConfigPeriod? period = unit switch
        {
            "" or "d" or "day" or "days" => new ConfigPeriod(0, 0, count),
            "w" or "week" or "weeks" => new ConfigPeriod(0, 0, 7 * count),
            "m" or "mo" or "month" or "months" => new ConfigPeriod(0, count, 0),
            "y" or "year" or "years" => new ConfigPeriod(count, 0, 0),
            _ => null,
        };
        value = period.GetValueOrDefault();
        return period is not null;
    }

    /// <summary>True for a time with a unit, which sets it off from a plain number.</summary>
    internal static bool HasTimeUnit(string text) => TrySplit(text, out _, out string unit) && unit.Length > 0 &&
        TicksPerUnit.ContainsKey(unit);

    /// <summary>True for a size with a unit, which sets it off from a plain number.</summary>
    internal static bool HasByteUnit(string text) => TrySplit(text, out _, out string unit) && unit.Length > 0 &&
        BytesPerUnit.ContainsKey(unit);

    private static bool TryScale(string text, Dictionary<string, decimal> units, out decimal value)
    {
        value = 0;
        if (!TrySplit(text, out string number, out string unit) ||
            !units.TryGetValue(unit, out decimal factor) ||
            !decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal count))
        {
            return false;
        }

        try
        {
            value = count * factor;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>Splits a number from the letters after it.</summary>
    private static bool TrySplit(string text, out string number, out string unit)
    {
        string trimmed = text.Trim();
        int end = trimmed.Length;
        while (end > 0 && char.IsLetter(trimmed[end - 1]))
        {
            end--;
        }

        number = trimmed[..end].TrimEnd();
        unit = trimmed[end..];
        return Hocon.TextCursor.IsNumber(number);
    }

    private static Dictionary<string, decimal> BuildBytesPerUnit()
    {
        var units = new Dictionary<string, decimal> { [""] = 1, ["B"] = 1, ["b"] = 1, ["byte"] = 1, ["bytes"] = 1 };
        (string Letter, string Decimal, string Binary)[] prefixes =
        [
            ("k", "kilo", "kibi"), ("m", "mega", "mebi"), ("g", "giga", "gibi"), ("t", "tera", "tebi"),
            ("p", "peta", "pebi"), ("e", "exa", "exbi"), ("z", "zetta", "zebi"), ("y", "yotta", "yobi"),
        ];
        decimal thousands = 1;
        decimal powers = 1;
        foreach (var (letter, ten, two) in prefixes)
        {
            thousands *= 1000;
            powers *= 1024;
            string upper = letter.ToUpperInvariant();
            foreach (string name in (string[])[(letter == "k" ? "k" : upper) + "B", ten + "byte", ten + "bytes"])
            {
                units.Add(name, thousands);
            }

            foreach (string name in (string[])[upper, letter, upper + "i", upper + "iB", two + "byte", two + "bytes"])
            {
                units.Add(name, powers);
            }
        }

        return units;
    }
}
