using GpuActors.Shared.Configuration.Hocon;

namespace GpuActors.Shared.Configuration;

/// <summary>The type of a value.</summary>
public enum ConfigKind
{
    /// <summary>Named values in the order of their first appearance.</summary>
    Object,

    /// <summary>Values in order.</summary>
    List,

    /// <summary>Text, quoted or not.</summary>
    String,

    /// <summary>A JSON number, kept as it was written.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>Explicitly nothing.</summary>
    Null,
}

/// <summary>A resolved value. Immutable; at most <see cref="HoconLimits.MaxDepth"/> deep, so that recursion is safe.</summary>
public abstract class ConfigValue
{
    private protected ConfigValue(ConfigOrigin origin, int depth, long weight)
    {
        if (depth > HoconLimits.MaxDepth)
        {
            throw new HoconException(
                $"The value is more than {HoconLimits.MaxDepth} objects and lists deep; nest it less.", origin);
        }

        if (weight > HoconLimits.MaxWeight)
        {
            throw new HoconException(
                $"With its substitutions written out, the value has more than {HoconLimits.MaxWeight} characters and " +
                "values; refer to large values less often.", origin);
        }

        Origin = origin;
        Depth = depth;
        Weight = weight;
    }

    /// <summary>Where it was written. For a merged object: the part with the highest priority.</summary>
    public ConfigOrigin Origin { get; }

    /// <summary>Its type.</summary>
    public abstract ConfigKind Kind { get; }

    internal int Depth { get; }

    internal long Weight { get; }

    /// <summary>Two values are equal when they say the same, wherever they were written.</summary>
    public abstract bool SameAs(ConfigValue other);

    /// <summary>The value in words for an error message, shortened.</summary>
    internal abstract string Describe();
}
