namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>A place in the resolved document. Compared by identity.</summary>
internal sealed class Position
{
    private Dictionary<string, Position>? _children;

    public Position Child(string key)
    {
        _children ??= [];
        if (!_children.TryGetValue(key, out var child))
        {
            _children.Add(key, child = new Position());
        }

        return child;
    }
}

/// <summary>An object literal and the place where it was written.</summary>
internal readonly record struct Layer(ObjectNode Fields, Position Home);

/// <summary>One definition of a field and the place of the field that it was written for.</summary>
internal readonly record struct Contribution(Node Node, Position Home);

/// <summary>
/// What a value is as far as needed to look into it: nothing, something without fields, or an object whose fields
/// are still to be evaluated. Objects stay unevaluated so that they may refer to their own fields.
/// </summary>
internal abstract record Shape
{
    public sealed record Undefined : Shape
    {
        public static Undefined Instance { get; } = new();
    }

    /// <summary>A finished value, or a list whose elements are still to be evaluated.</summary>
    public sealed record Whole(ConfigValue? Value, ListNode? List) : Shape;

    /// <summary>Object literals, the one with the highest priority first.</summary>
    /// <param name="Layers">The literals.</param>
    /// <param name="Sealed">True when something that is no object hides what lies below.</param>
    public sealed record Fields(IReadOnlyList<Layer> Layers, bool Sealed) : Shape;
}

/// <summary>Substitutions depend on each other in a circle. An optional one on the circle is taken as undefined.</summary>
internal sealed class HoconCycleException(string message, ConfigOrigin origin) : HoconException(message, origin);
