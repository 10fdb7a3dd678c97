namespace GpuActors.Scheduler.Placement.Requests;

/// <summary>The GPU models that a request may be placed on: all, or those named. Equal sets are equal.</summary>
public sealed class ModelSet : IEquatable<ModelSet>
{
    private readonly string[] _names;
    private readonly string _text;

    private ModelSet(string[] names)
    {
        _names = names;
        _text = string.Join('|', names);
    }

    /// <summary>All models.</summary>
    public static ModelSet Any { get; } = new([]);

    /// <summary>It is all models.</summary>
    public bool IsAny => _names.Length == 0;

    /// <summary>The models named, sorted; empty: all.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The models named; none: all.</summary>
    public static ModelSet Of(params IEnumerable<string> names) => names.Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } sorted ? new(sorted) : Any;

    /// <summary>Reads <c>A|B</c>; an empty text is all models.</summary>
    public static ModelSet Parse(string text) =>
        Of(text.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>The model is one of them.</summary>
    public bool Contains(string model) => IsAny || Array.BinarySearch(_names, model, StringComparer.Ordinal) >= 0;

    /// <inheritdoc/>
    public bool Equals(ModelSet? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary><c>A|B</c>; <c>*</c> for all.</summary>
    public override string ToString() => IsAny ? "*" : _text;
}
