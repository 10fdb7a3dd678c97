namespace GpuActors.Shared.Configuration;

/// <summary>A string, number, boolean or null.</summary>
public sealed class ConfigScalar : ConfigValue
{
    internal ConfigScalar(ConfigKind kind, string text, ConfigOrigin origin)
        : base(origin, depth: 0, weight: 1 + text.Length)
    {
        Kind = kind;
        Text = text;
    }

    /// <inheritdoc/>
    public override ConfigKind Kind { get; }

    /// <summary>The text as it was written: of a number its digits, of null the word.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override bool SameAs(ConfigValue other) =>
        other is ConfigScalar scalar && scalar.Kind == Kind && scalar.Text == Text;

    internal override string Describe() => Kind switch
    {
        ConfigKind.String when Text.Length > 60 => $"the text \"{Text[..60]}…\"",
        ConfigKind.String => $"the text \"{Text}\"",
        ConfigKind.Number => $"the number {Text}",
        _ => Text,
    };
}
