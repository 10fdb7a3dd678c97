using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>An expression whose names have a meaning, ready to be worked out for values of the counters.</summary>
public sealed class BoundExpression
{
    private readonly ExpressionNode _root;
    private readonly string _text;

    internal BoundExpression(ExpressionNode root, string text)
    {
        _root = root;
        _text = text;
        IsConstant = root.IsConstant;
    }

    /// <summary>The result is the same for all values of the counters.</summary>
    public bool IsConstant { get; }

    /// <summary>Works it out in whole numbers and checks the range.</summary>
    /// <param name="counters">The counters' values, outermost repeat first.</param>
    /// <param name="minimum">The least result that is allowed.</param>
    /// <param name="maximum">The greatest result that is allowed.</param>
    /// <param name="value">The result.</param>
    /// <param name="error">Why there is none, as the end of a sentence that begins with the place.</param>
    public bool TryInteger(
        ReadOnlySpan<long> counters, Int128 minimum, Int128 maximum, out Int128 value,
        [NotNullWhen(false)] out string? error)
    {
        value = default;
        try
        {
            value = _root.Integer(counters);
        }
        catch (ExpressionException e)
        {
            error = e.Message;
            return false;
        }

        error = value >= minimum && value <= maximum
            ? null
            : $"{Shown(value.ToString())} is outside {minimum} to {maximum}";
        return error is null;
    }

    /// <summary>Works it out in double precision. Parameters as for whole numbers.</summary>
    public bool TryReal(ReadOnlySpan<long> counters, out double value, [NotNullWhen(false)] out string? error)
    {
        value = 0;
        error = null;
        try
        {
            value = _root.Real(counters);
        }
        catch (ExpressionException e)
        {
            error = e.Message;
            return false;
        }

        if (!double.IsFinite(value))
        {
            error = $"'{_text}' is not a finite number";
        }

        return error is null;
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    private string Shown(string value) => value == _text ? value : $"'{_text}' = {value}";
}
