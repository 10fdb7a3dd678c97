namespace GpuActors.Shared.Configuration;

/// <summary>Values in order.</summary>
public sealed class ConfigList : ConfigValue
{
    internal ConfigList(IReadOnlyList<ConfigValue> items, ConfigOrigin origin)
        : base(origin, 1 + items.Select(i => i.Depth).DefaultIfEmpty().Max(), 1 + items.Sum(i => i.Weight)) =>
        Items = items;

    /// <summary>The elements.</summary>
    public IReadOnlyList<ConfigValue> Items { get; }

    /// <inheritdoc/>
    public override ConfigKind Kind => ConfigKind.List;

    /// <inheritdoc/>
    public override bool SameAs(ConfigValue other) =>
        other is ConfigList list && list.Items.Count == Items.Count &&
        Items.Zip(list.Items).All(pair => pair.First.SameAs(pair.Second));

    internal override string Describe() => Items.Count == 1 ? "a list of one element" : $"a list of {Items.Count}";
}
