using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Numbers of JSON. As in JSON Schema, <c>1.0</c> and <c>1e3</c> are whole numbers too.</summary>
internal static class JsonNumbers
{
    private const double LargestExact = 1L << 53;

    public static bool TryInteger(JsonElement element, out Int128 value)
    {
        value = 0;
        if (element.ValueKind != JsonValueKind.Number)
        {
            return false;
        }

        if (element.TryGetInt64(out var signed))
        {
            value = signed;
            return true;
        }

        if (element.TryGetUInt64(out var unsigned))
        {
            value = unsigned;
            return true;
        }

        if (!TryReal(element, out var real) || Math.Truncate(real) != real)
        {
            return false;
        }

        // Beyond 2^53 the exact value is of no interest: every range that a field has ends before.
        value = (Int128)Math.Clamp(real, -LargestExact * 1024, LargestExact * 1024);
        return true;
    }

    public static bool TryReal(JsonElement element, out double value)
    {
        value = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out value) && double.IsFinite(value);
    }

    public static bool TryExpression(JsonElement element, [NotNullWhen(true)] out Expression? expression)
    {
        expression = null;
        if (element.TryGetInt64(out var signed))
        {
            expression = Expression.FromInteger(signed);
        }
        else if (element.TryGetUInt64(out var unsigned))
        {
            expression = Expression.FromInteger(unsigned);
        }
        else if (TryReal(element, out var real))
        {
            expression = Expression.FromReal(real);
        }

        return expression is not null;
    }
}
