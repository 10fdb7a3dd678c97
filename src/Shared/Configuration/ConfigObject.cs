using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GpuActors.Shared.Configuration;

/// <summary>Named values in the order of their first appearance.</summary>
public sealed class ConfigObject : ConfigValue
{
    private readonly OrderedDictionary<string, ConfigValue> _fields;

    internal ConfigObject(OrderedDictionary<string, ConfigValue> fields, ConfigOrigin origin)
        : base(
            origin,
            1 + fields.Values.Select(v => v.Depth).DefaultIfEmpty().Max(),
            1 + fields.Sum(f => f.Key.Length + f.Value.Weight)) =>
        _fields = fields;

    /// <summary>The fields.</summary>
    public IReadOnlyDictionary<string, ConfigValue> Fields => _fields;

    /// <inheritdoc/>
    public override ConfigKind Kind => ConfigKind.Object;

    /// <summary>The value at a path of keys.</summary>
    public bool TryFind(IReadOnlyList<string> path, [NotNullWhen(true)] out ConfigValue? value)
    {
        value = this;
        foreach (string key in path)
        {
            if (value is not ConfigObject o || !o._fields.TryGetValue(key, out value))
            {
                value = null;
                return false;
            }
        }

        return true;
    }

    /// <summary>This object's fields over those of <paramref name="fallback"/>; objects in both are merged.</summary>
    public ConfigObject WithFallback(ConfigObject fallback)
    {
        var merged = new OrderedDictionary<string, ConfigValue>(fallback._fields);
        foreach (var (key, value) in _fields)
        {
            merged[key] = value is ConfigObject above && merged.GetValueOrDefault(key) is ConfigObject below
                ? above.WithFallback(below)
                : value;
        }

        return new ConfigObject(merged, Origin);
    }

    /// <inheritdoc/>
    public override bool SameAs(ConfigValue other) =>
        other is ConfigObject o && o._fields.Count == _fields.Count &&
        _fields.All(f => o._fields.TryGetValue(f.Key, out var value) && f.Value.SameAs(value));

    /// <summary>
    /// The list that an object with whole numbers for keys stands for (HOCON, "Conversion of numerically-indexed
    /// objects to arrays"): other keys are ignored, gaps are closed. Null when there is no such key.
    /// </summary>
    internal ConfigList? ToList()
    {
        var items = new List<(int Index, ConfigValue Value)>();
        foreach (var (key, value) in _fields)
        {
            if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                items.Add((index, value));
            }
        }

        return items.Count == 0 ? null : new ConfigList([.. items.OrderBy(i => i.Index).Select(i => i.Value)], Origin);
    }

    internal override string Describe() => "an object";
}
