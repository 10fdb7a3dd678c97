using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GpuActors.Shared.Configuration;

/// <summary>
/// A resolved configuration, or a part of one. Paths are path expressions such as <c>gpuactors.worker.slots</c>.
/// Every getter throws a <see cref="ConfigException"/> that names the setting's full path, where it was written, and
/// what would be right. A setting that is null counts as missing.
/// </summary>
public sealed class Config
{
    private readonly string[] _prefix;

    /// <summary>A configuration with <paramref name="root"/> as its root.</summary>
    public Config(ConfigObject root)
        : this(root, [])
    {
    }

    private Config(ConfigObject root, string[] prefix)
    {
        Root = root;
        _prefix = prefix;
    }

    /// <summary>A configuration without settings.</summary>
    public static Config Empty { get; } = new(new ConfigObject([], new ConfigOrigin("nothing", 0, 0)));

    /// <summary>The values.</summary>
    public ConfigObject Root { get; }

    /// <summary>True when there is a value that is not null.</summary>
    public bool HasPath(string path) => Find(path) is not null;

    /// <summary>The value as it is.</summary>
    public ConfigValue GetValue(string path) => Find(path) ?? throw Missing(path);

    /// <summary>Where the value was written; null when there is none.</summary>
    public ConfigOrigin? GetOrigin(string path) => Find(path)?.Origin;

    /// <summary>Text; a number or boolean as it was written.</summary>
    public string GetString(string path) => Text(path, "text");

    /// <inheritdoc cref="GetString(string)"/>
    [return: NotNullIfNotNull(nameof(otherwise))]
    public string? GetString(string path, string? otherwise) => HasPath(path) ? GetString(path) : otherwise;

    /// <summary>A whole number.</summary>
    public int GetInt(string path) => (int)Whole(path, int.MinValue, int.MaxValue);

    /// <inheritdoc cref="GetInt(string)"/>
    public int GetInt(string path, int otherwise) => HasPath(path) ? GetInt(path) : otherwise;

    /// <summary>A whole number.</summary>
    public long GetLong(string path) => Whole(path, long.MinValue, long.MaxValue);

    /// <inheritdoc cref="GetLong(string)"/>
    public long GetLong(string path, long otherwise) => HasPath(path) ? GetLong(path) : otherwise;

    /// <summary>A number.</summary>
    public double GetDouble(string path)
    {
        const string wanted = "a number";
        string text = Text(path, wanted).Trim();
        return Hocon.TextCursor.IsNumber(text) &&
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) &&
            double.IsFinite(value)
                ? value
                : throw Wrong(path, wanted);
    }

    /// <inheritdoc cref="GetDouble(string)"/>
    public double GetDouble(string path, double otherwise) => HasPath(path) ? GetDouble(path) : otherwise;

    /// <summary>true, yes, on or false, no, off.</summary>
    public bool GetBoolean(string path)
    {
        const string wanted = "true or false";
        return Text(path, wanted) switch
        {
            "true" or "yes" or "on" => true,
            "false" or "no" or "off" => false,
            _ => throw Wrong(path, wanted),
        };
    }

    /// <inheritdoc cref="GetBoolean(string)"/>
    public bool GetBoolean(string path, bool otherwise) => HasPath(path) ? GetBoolean(path) : otherwise;

    /// <summary>A time such as <c>30s</c>; a number without unit is in milliseconds.</summary>
    public TimeSpan GetTimeSpan(string path)
    {
        const string wanted = "a time such as 500ms, 30s, 10m, 2h or 7d";
        return Units.TryParseTimeSpan(Text(path, wanted), out var value) ? value : throw Wrong(path, wanted);
    }

    /// <inheritdoc cref="GetTimeSpan(string)"/>
    public TimeSpan GetTimeSpan(string path, TimeSpan otherwise) => HasPath(path) ? GetTimeSpan(path) : otherwise;

    /// <summary>A size such as <c>64MiB</c>, in bytes.</summary>
    public long GetBytes(string path)
    {
        const string wanted = "a size such as 512, 64KiB, 4MiB or 10GB, below 8 EiB";
        return Units.TryParseBytes(Text(path, wanted), out long value) ? value : throw Wrong(path, wanted);
    }

    /// <inheritdoc cref="GetBytes(string)"/>
    public long GetBytes(string path, long otherwise) => HasPath(path) ? GetBytes(path) : otherwise;

    /// <summary>A period such as <c>30 days</c> or <c>6 months</c>; a number without unit is in days.</summary>
    public ConfigPeriod GetPeriod(string path)
    {
        const string wanted = "a period such as 30d, 2w, 6mo or 1y";
        return Units.TryParsePeriod(Text(path, wanted), out var value) ? value : throw Wrong(path, wanted);
    }

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> GetStringList(string path) =>
        List(path, "a list of texts", item => item is ConfigScalar { Kind: not ConfigKind.Null } s ? s.Text : null);

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<Config> GetConfigList(string path)
    {
        string[] keys = ConfigPath.Parse(path);
        int index = 0;
        return List(path, "a list of objects", item =>
            item is ConfigObject o ? new Config(o, [.. _prefix, .. keys, $"{index++}"]) : null);
    }

    /// <summary>A part, whose messages still name the full path.</summary>
    public Config GetConfig(string path) => GetValue(path) is ConfigObject o
        ? new Config(o, [.. _prefix, .. ConfigPath.Parse(path)])
        : throw Wrong(path, "an object");

    /// <summary>These settings over those of <paramref name="fallback"/>; objects in both are merged.</summary>
    public Config WithFallback(Config fallback) => new(Root.WithFallback(fallback.Root), _prefix);

    /// <summary>The error for a value that has the right type but that cannot be used.</summary>
    /// <param name="path">The setting.</param>
    /// <param name="wanted">What would be right, as the object of a sentence: <c>a port from 0 to 65535</c>.</param>
    public ConfigException Wrong(string path, string wanted)
    {
        var value = GetValue(path);
        return new ConfigException(
            $"{FullPath(path)} is {value.Describe()} ({value.Origin}), but {wanted} is wanted.", value.Origin);
    }

    /// <summary>The error for a value that must not be shown, since a secret may be in it.</summary>
    /// <param name="path">The setting.</param>
    /// <param name="what">What is wrong with it and what would be right, as the end of a sentence.</param>
    public ConfigException WrongHidden(string path, string what)
    {
        var origin = GetValue(path).Origin;
        return new ConfigException($"{FullPath(path)} ({origin}) {what}", origin);
    }

    /// <summary>Says where it comes from rather than what it says: configurations contain secrets.</summary>
    public override string ToString() => $"Config from {Root.Origin}";

    private ConfigValue? Find(string path) =>
        Root.TryFind(ConfigPath.Parse(path), out var value) && value.Kind != ConfigKind.Null ? value : null;

    private string FullPath(string path) => ConfigPath.Render([.. _prefix, .. ConfigPath.Parse(path)]);

    private ConfigException Missing(string path) => new($"{FullPath(path)} is not set.");

    private string Text(string path, string wanted) =>
        GetValue(path) is ConfigScalar scalar ? scalar.Text : throw Wrong(path, wanted);

    private long Whole(string path, long min, long max)
    {
        string wanted = $"a whole number from {min} to {max}";
        string text = Text(path, wanted).Trim();
        return Hocon.TextCursor.IsNumber(text) &&
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) &&
            value == decimal.Truncate(value) && value >= min && value <= max
                ? (long)value
                : throw Wrong(path, wanted);
    }

    private List<T> List<T>(string path, string wanted, Func<ConfigValue, T?> convert)
        where T : class
    {
        var value = GetValue(path);
        var list = value as ConfigList ?? (value as ConfigObject)?.ToList() ?? throw Wrong(path, wanted);
        var converted = new List<T>(list.Items.Count);
        foreach (var item in list.Items)
        {
            converted.Add(convert(item) ?? throw new ConfigException(
                $"{FullPath(path)} has {item.Describe()} as element {converted.Count} ({item.Origin}), but {wanted} " +
                "is wanted.",
                item.Origin));
        }

        return converted;
    }
}
