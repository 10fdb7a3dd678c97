using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>Sizes of OpenCL C's own types, by which the size of an argument is checked before it is sent.</summary>
internal static class ParameterSizes
{
    private static readonly Dictionary<string, int> Scalars = new()
    {
        ["char"] = 1, ["uchar"] = 1, ["short"] = 2, ["ushort"] = 2, ["int"] = 4, ["uint"] = 4, ["long"] = 8,
        ["ulong"] = 8, ["half"] = 2, ["float"] = 4, ["double"] = 8, ["unsigned char"] = 1, ["unsigned short"] = 2,
        ["unsigned int"] = 4, ["unsigned long"] = 8, ["size_t"] = 8,
    };

    /// <summary>
    /// Whether a value of so many bytes can be the parameter's. For vectors of three the driver decides whether it takes
    /// their three elements, too.
    /// </summary>
    public static bool Fit(in ParameterDescription parameter, nuint size)
    {
        int known = Of(parameter);
        bool isThree = parameter.TypeName.EndsWith('3');
        return known == 0 || size == (nuint)known || (isThree && size == (nuint)(known / 4 * 3));
    }

    /// <summary>Bytes of a by-value parameter; 0 when its type is the program's own.</summary>
    private static int Of(in ParameterDescription parameter)
    {
        string type = parameter.TypeName;
        if (Scalars.TryGetValue(type, out int size))
            return size;
        string scalar = type.TrimEnd('0', '1', '2', '3', '4', '6', '8');
        if (scalar.Length == type.Length || !Scalars.TryGetValue(scalar, out size)
            || !int.TryParse(type.AsSpan(scalar.Length), out int width))
        {
            return 0;
        }
        return width is 2 or 3 or 4 or 8 or 16 ? size * (width == 3 ? 4 : width) : 0;
    }
}
