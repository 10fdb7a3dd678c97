using System.Globalization;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary>Reads settings and checks their ranges; every error names the setting, its place and what is allowed.</summary>
internal sealed class SettingsReader(Config config)
{
    public SettingsReader Section(string path) => new(config.GetConfig(path));

    public bool Has(string path) => config.HasPath(path);

    public bool Flag(string path) => config.GetBoolean(path);

    public string Text(string path) => config.GetString(path);

    /// <summary>Text that is not empty.</summary>
    public string Required(string path) =>
        config.GetString(path) is { Length: > 0 } text ? text : throw config.Wrong(path, "text that is not empty");

    /// <summary>Text, or null when it is empty or not set.</summary>
    public string? Optional(string path) => config.GetString(path, null) is { Length: > 0 } text ? text : null;

    public IReadOnlyList<string> Texts(string path) => config.GetStringList(path);

    public int Number(string path, int min, int max = int.MaxValue)
    {
        int value = config.GetInt(path);
        return value >= min && value <= max
            ? value
            : throw config.Wrong(path, max == int.MaxValue ? $"a number of at least {min}" : $"a number from {min} to {max}");
    }

    public int Port(string path) => Number(path, 0, ushort.MaxValue);

    public long Bytes(string path, long min, long max = long.MaxValue)
    {
        long value = config.GetBytes(path);
        return value >= min && value <= max
            ? value
            : throw config.Wrong(
                path, max == long.MaxValue ? $"a size of at least {Size(min)}" : $"a size from {Size(min)} to {Size(max)}");
    }

    public TimeSpan Time(string path, TimeSpan min, TimeSpan max)
    {
        var value = config.GetTimeSpan(path);
        return value >= min && value <= max
            ? value
            : throw config.Wrong(path, $"a time from {Span(min)} to {Span(max)}");
    }

    /// <summary>A time, or null when it is empty or not set.</summary>
    public TimeSpan? OptionalTime(string path, TimeSpan min, TimeSpan max) =>
        Optional(path) is null ? null : Time(path, min, max);

    public string Choice(string path, params string[] allowed)
    {
        string value = config.GetString(path);
        return allowed.Contains(value) ? value : throw config.Wrong(path, $"one of {string.Join(", ", allowed)}");
    }

    /// <summary>A name such as of a host: 1 to 100 letters, digits, <c>. _ -</c>; the machine's when it is empty.</summary>
    public string Name(string path)
    {
        string name = Optional(path) ?? Environment.MachineName;
        return Jobs.Names.IsId(name)
            ? name
            : throw config.Wrong(path, "a name of 1 to 100 letters, digits, dots, underscores and hyphens");
    }

    /// <summary>The error for a value that does not go with others.</summary>
    public ConfigException Wrong(string path, string wanted) => config.Wrong(path, wanted);

    /// <summary>The error for a value that must not be shown.</summary>
    /// <param name="what">What is wrong and what is wanted, as the end of a sentence.</param>
    public ConfigException WrongHidden(string path, string what) => config.WrongHidden(path, what);

    public Config Config => config;

    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        int unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return $"{bytes}{units[unit]}";
    }

    public static string Span(TimeSpan span) => span switch
    {
        { Ticks: 0 } => "0",
        _ when span.Ticks % TimeSpan.TicksPerDay == 0 => Format(span.TotalDays, "d"),
        _ when span.Ticks % TimeSpan.TicksPerHour == 0 => Format(span.TotalHours, "h"),
        _ when span.Ticks % TimeSpan.TicksPerMinute == 0 => Format(span.TotalMinutes, "m"),
        _ when span.Ticks % TimeSpan.TicksPerSecond == 0 => Format(span.TotalSeconds, "s"),
        _ => Format(span.TotalMilliseconds, "ms"),
    };

    private static string Format(double value, string unit) => value.ToString(CultureInfo.InvariantCulture) + unit;
}
