namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>A whole number as written: <c>4096</c>, <c>0x1000</c>, <c>4KiB</c>, <c>sizeof(float4)</c>.</summary>
internal sealed class IntegerNode(Int128 value, string text) : ExpressionNode
{
    /// <summary>Written as a JSON number would be.</summary>
    public bool IsPlain => text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');

    public override Int128 Integer(ReadOnlySpan<long> counters) => value;

    public override double Real(ReadOnlySpan<long> counters) => (double)value;

    public override string ToString() => text;
}

/// <summary>A number with a point or an exponent, as written: <c>0.5</c>, <c>1e-3</c>.</summary>
internal sealed class RealNode(double value, string text) : ExpressionNode
{
    private const double LargestExact = 1L << 53;

    /// <summary>Written as a JSON number would be: digits on both sides of the point.</summary>
    public bool IsPlain
    {
        get
        {
            var point = text.IndexOf('.', StringComparison.Ordinal);
            return char.IsAsciiDigit(text[0]) && (text[0] != '0' || text.Length == 1 || !char.IsAsciiDigit(text[1])) &&
                (point < 0 || (point + 1 < text.Length && char.IsAsciiDigit(text[point + 1])));
        }
    }

    public override Int128 Integer(ReadOnlySpan<long> counters) =>
        Math.Abs(value) <= LargestExact && Math.Truncate(value) == value
            ? (Int128)value
            : throw new ExpressionException($"{text} is not a whole number");

    public override double Real(ReadOnlySpan<long> counters) => value;

    public override string ToString() => text;
}
