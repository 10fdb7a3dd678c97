using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>
/// A number in a job document that may depend on the document's constants and the counters of the repeats around it:
/// <c>64</c>, <c>"4KiB"</c>, <c>"n * sizeof(float)"</c>, <c>"1 &lt;&lt; i"</c>. Two are equal if they are written
/// the same but for blanks and needless brackets.
/// </summary>
public sealed class Expression : IEquatable<Expression>
{
    private Expression(ExpressionNode root)
    {
        Root = root;
        Text = root.ToString()!;
    }

    /// <summary>As it is written, with uniform blanks.</summary>
    public string Text { get; }

    /// <summary>The names of constants and counters in it, in order of use.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>();
            Root.CollectNames(names);
            return names;
        }
    }

    internal ExpressionNode Root { get; }

    /// <summary>Stands where the document holds no right expression, which has been reported.</summary>
    internal static Expression Invalid { get; } = new(new NameNode("?"));

    /// <summary>A whole number.</summary>
    public static implicit operator Expression(long value) => FromInteger(value);

    /// <summary>A real number.</summary>
    public static implicit operator Expression(double value) => FromReal(value);

    /// <summary>An expression as text.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static implicit operator Expression(string text) => Parse(text);

    /// <summary>A whole number.</summary>
    public static Expression FromInteger(Int128 value)
    {
        var magnitude = new IntegerNode(Int128.Abs(value), Int128.Abs(value).ToString(CultureInfo.InvariantCulture));
        return new Expression(value < 0 ? new NegationNode(magnitude) : magnitude);
    }

    /// <summary>A finite real number.</summary>
    public static Expression FromReal(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "An expression holds finite numbers only.");
        }

        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var magnitude = new RealNode(Math.Abs(value), text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0");
        return new Expression(double.IsNegative(value) ? new NegationNode(magnitude) : magnitude);
    }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It is none; the message says where.</exception>
    public static Expression Parse(string text) =>
        TryParse(text, out var expression, out var error) ? expression : throw new FormatException(error);

    /// <summary>Reads an expression; <paramref name="error"/> says where it is none.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        expression = null;
        error = null;
        try
        {
            expression = new Expression(ExpressionParser.Parse(text));
            return true;
        }
        catch (ExpressionException e)
        {
            error = e.Message;
            return false;
        }
    }

    /// <summary>
    /// Gives the names their meaning in <paramref name="scope"/>. A name that it lacks makes every evaluation fail.
    /// </summary>
    public BoundExpression Bind(ExpressionScope scope) => new(Root.Replace(scope.Resolve), Text);

    /// <summary>The value of a bare whole number, which can stand in JSON without quotes; otherwise null.</summary>
    internal decimal? PlainInteger => Magnitude is IntegerNode { IsPlain: true } ? (decimal)Root.Integer([]) : null;

    /// <summary>Written as a bare real number, which can stand in JSON without quotes as it is.</summary>
    internal bool IsPlainReal => Magnitude is RealNode { IsPlain: true };

    private ExpressionNode Magnitude => Root is NegationNode negation ? negation.Operand : Root;

    /// <inheritdoc/>
    public bool Equals(Expression? other) => other is not null && other.Text == Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Expression);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
