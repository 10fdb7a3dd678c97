using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Shared.Jobs;

/// <summary>An OpenCL C number type.</summary>
public enum ScalarType
{
#pragma warning disable CS1591 // the names are OpenCL C's own
    Char,
    UChar,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Half,
    Float,
    Double,
#pragma warning restore CS1591
}

/// <summary>An OpenCL C value type: a number, or a vector of 2, 3, 4, 8 or 16.</summary>
/// <param name="Scalar">The type of each component.</param>
/// <param name="Width">Components: 1 for a number.</param>
public readonly record struct OpenClType(ScalarType Scalar, int Width = 1)
{
    private static readonly string[] ScalarNames =
        ["char", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "half", "float", "double"];

    private static readonly int[] ScalarSizes = [1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8];

    /// <summary>Every type there is, by its OpenCL C name.</summary>
    public static IReadOnlyDictionary<string, OpenClType> ByName { get; } = (
        from scalar in Enum.GetValues<ScalarType>()
        from width in new[] { 1, 2, 3, 4, 8, 16 }
        select new OpenClType(scalar, width)).ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>OpenCL C's name, such as <c>float4</c>.</summary>
    public string Name => ScalarNames[(int)Scalar] + (Width == 1 ? "" : $"{Width}");

    /// <summary>Bytes of one component.</summary>
    public int ComponentBytes => ScalarSizes[(int)Scalar];

    /// <summary>Bytes of the value; a vector of 3 takes the room of 4, as OpenCL C says.</summary>
    public int SizeBytes => ComponentBytes * (Width == 3 ? 4 : Width);

    /// <summary>Holds fractions.</summary>
    public bool IsReal => Scalar >= ScalarType.Half;

    /// <summary>The type with an OpenCL C name.</summary>
    public static bool TryParse(string? name, out OpenClType type)
    {
        type = default;
        return name is not null && ByName.TryGetValue(name, out type);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
