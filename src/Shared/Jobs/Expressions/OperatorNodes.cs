namespace GpuActors.Shared.Jobs.Expressions;

/// <summary><c>-x</c>.</summary>
internal sealed class NegationNode(ExpressionNode operand) : ExpressionNode
{
    public ExpressionNode Operand => operand;

    public override int Precedence => 2;

    public override bool IsConstant => operand.IsConstant;

    public override Int128 Integer(ReadOnlySpan<long> counters) => -operand.Integer(counters);

    public override double Real(ReadOnlySpan<long> counters) => -operand.Real(counters);

    public override ExpressionNode Replace(Func<string, ExpressionNode> resolve) =>
        new NegationNode(operand.Replace(resolve));

    public override void CollectNames(ICollection<string> names) => operand.CollectNames(names);

    public override string ToString() => operand.Precedence < 3 ? $"-({operand})" : $"-{operand}";
}

/// <summary>
/// Two operands and a sign between, or, for <c>min</c> and <c>max</c>, a name before. Whole division truncates and
/// the remainder has the dividend's sign, as in C; shifts exist for whole numbers only.
/// </summary>
internal sealed class BinaryNode(string sign, ExpressionNode left, ExpressionNode right) : ExpressionNode
{
    private const int LargestShift = 63;

    public override int Precedence => sign switch
    {
        "<<" or ">>" => -1,
        "+" or "-" => 0,
        "*" or "/" or "%" => 1,
        _ => 3,
    };

    public override bool IsConstant => left.IsConstant && right.IsConstant;

    public override Int128 Integer(ReadOnlySpan<long> counters)
    {
        var x = left.Integer(counters);
        var y = right.Integer(counters);
        try
        {
            return sign switch
            {
                "+" => checked(x + y),
                "-" => checked(x - y),
                "*" => checked(x * y),
                "/" => x / NotZero(y),
                "%" => x % NotZero(y),
                "<<" => checked(x * (Int128.One << Shift(y))),
                ">>" => x >> Shift(y),
                "min" => Int128.Min(x, y),
                _ => Int128.Max(x, y),
            };
        }
        catch (OverflowException)
        {
            throw new ExpressionException($"'{this}' is beyond 128 bits");
        }
    }

    public override double Real(ReadOnlySpan<long> counters)
    {
        var x = left.Real(counters);
        var y = right.Real(counters);
        return sign switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / (y != 0 ? y : throw DivisionByZero()),
            "%" => x % (y != 0 ? y : throw DivisionByZero()),
            "min" => Math.Min(x, y),
            "max" => Math.Max(x, y),
            _ => throw new ExpressionException($"'{sign}' works on whole numbers only; this place takes a real one"),
        };
    }

    public override ExpressionNode Replace(Func<string, ExpressionNode> resolve) =>
        new BinaryNode(sign, left.Replace(resolve), right.Replace(resolve));

    public override void CollectNames(ICollection<string> names)
    {
        left.CollectNames(names);
        right.CollectNames(names);
    }

    public override string ToString()
    {
        if (sign is "min" or "max")
        {
            return $"{sign}({left}, {right})";
        }

        // The right side needs brackets at equal precedence too: a - (b - c) is not a - b - c.
        var first = left.Precedence < Precedence ? $"({left})" : $"{left}";
        var second = right.Precedence <= Precedence ? $"({right})" : $"{right}";
        return $"{first} {sign} {second}";
    }

    private Int128 NotZero(Int128 value) => value != 0 ? value : throw DivisionByZero();

    private int Shift(Int128 value) => value >= 0 && value <= LargestShift
        ? (int)value
        : throw new ExpressionException($"'{this}' shifts by {value}; 0 to {LargestShift} is allowed");

    private ExpressionException DivisionByZero() => new($"'{this}' divides by zero");
}
