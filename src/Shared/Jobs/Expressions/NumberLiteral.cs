using System.Globalization;

namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>
/// Numbers as an expression writes them: <c>12</c>, <c>0xFF</c>, <c>1.5</c>, <c>1e-3</c>, and sizes with a unit
/// (<c>4KiB</c> is 4096, <c>4kB</c> is 4000).
/// </summary>
internal static class NumberLiteral
{
    private static readonly Dictionary<string, long> Units = new(StringComparer.Ordinal)
    {
        ["B"] = 1,
        ["kB"] = 1_000,
        ["KB"] = 1_000,
        ["MB"] = 1_000_000,
        ["GB"] = 1_000_000_000,
        ["TB"] = 1_000_000_000_000,
        ["KiB"] = 1L << 10,
        ["MiB"] = 1L << 20,
        ["GiB"] = 1L << 30,
        ["TiB"] = 1L << 40,
    };

    /// <summary>The names of all units.</summary>
    public static IEnumerable<string> UnitNames => Units.Keys;

    /// <summary>Reads the number that begins at <paramref name="position"/> and moves behind it.</summary>
    /// <exception cref="ExpressionException">Not a number, or a too large one.</exception>
    public static ExpressionNode Read(ReadOnlySpan<char> text, ref int position)
    {
        var start = position;
        if (text[position..].StartsWith("0x", StringComparison.Ordinal))
        {
            position += 2;
            SkipWhile(text, ref position, char.IsAsciiHexDigit);
            return Hexadecimal(text[start..position]);
        }

        SkipWhile(text, ref position, char.IsAsciiDigit);
        var isReal = SkipFraction(text, ref position) | SkipExponent(text, ref position);
        var digits = text[start..position];
        var unitStart = position;
        SkipWhile(text, ref position, char.IsAsciiLetterOrDigit);
        var unit = text[unitStart..position].ToString();
        return unit.Length > 0 ? Size(digits, unit) : isReal ? Real(digits) : Integer(digits);
    }

    private static IntegerNode Hexadecimal(ReadOnlySpan<char> text) =>
        ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new IntegerNode(value, text.ToString())
            : throw new ExpressionException($"'{text}' is not a hexadecimal number of at most 64 bits");

    private static IntegerNode Integer(ReadOnlySpan<char> text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new IntegerNode(value, text.ToString())
            : throw new ExpressionException($"{text} is beyond 64 bits");

    private static RealNode Real(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? new RealNode(value, text.ToString())
            : throw new ExpressionException($"'{text}' is not a finite number");

    private static IntegerNode Size(ReadOnlySpan<char> digits, string unit)
    {
        if (!Units.TryGetValue(unit, out var factor))
        {
            throw new ExpressionException($"'{unit}' is not a unit; units are {string.Join(", ", Units.Keys)}");
        }

        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ||
            number > long.MaxValue / factor)
        {
            throw new ExpressionException($"'{digits}{unit}' is not a size below 2^63 bytes");
        }

        var bytes = number * factor;
        return decimal.Truncate(bytes) == bytes
            ? new IntegerNode((Int128)bytes, $"{digits}{unit}")
            : throw new ExpressionException($"'{digits}{unit}' is not a whole number of bytes");
    }

    private static bool SkipFraction(ReadOnlySpan<char> text, ref int position)
    {
        if (position == text.Length || text[position] != '.')
        {
            return false;
        }

        position++;
        SkipWhile(text, ref position, char.IsAsciiDigit);
        return true;
    }

    private static bool SkipExponent(ReadOnlySpan<char> text, ref int position)
    {
        var next = position;
        if (next == text.Length || (text[next] != 'e' && text[next] != 'E'))
        {
            return false;
        }

        next++;
        if (next < text.Length && (text[next] == '+' || text[next] == '-'))
        {
            next++;
        }

        if (next == text.Length || !char.IsAsciiDigit(text[next]))
        {
            return false;
        }

        SkipWhile(text, ref next, char.IsAsciiDigit);
        position = next;
        return true;
    }

    private static void SkipWhile(ReadOnlySpan<char> text, ref int position, Func<char, bool> accept)
    {
        while (position < text.Length && accept(text[position]))
        {
            position++;
        }
    }
}
