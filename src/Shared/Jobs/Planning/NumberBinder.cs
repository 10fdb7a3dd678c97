using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Binds a document's expressions, and reports names that they should not use.</summary>
internal sealed class NumberBinder(ProblemList problems)
{
    private readonly HashSet<string> _wrongConstants = new(StringComparer.Ordinal);

    /// <summary>A constant has no value, which has been reported; what uses it is not reported again.</summary>
    public void PassOver(string constant) => _wrongConstants.Add(constant);

    /// <summary>The expression in its scope; null if it is wrong, which has been reported.</summary>
    public BoundExpression? Bind(Expression expression, JsonPointer place, ExpressionScope scope)
    {
        if (ReferenceEquals(expression, Expression.Invalid))
        {
            return null;
        }

        foreach (var name in expression.Names)
        {
            if (_wrongConstants.Contains(name))
            {
                return null;
            }

            if (!scope.Contains(name))
            {
                var known = scope.Names.Any()
                    ? $"known here are {string.Join(", ", scope.Names)}"
                    : "none is known here";
                problems.Meaning(place, $"'{name}' is no constant, nor the counter of a repeat around it; {known}");
                return null;
            }
        }

        return expression.Bind(scope);
    }

    /// <summary>A whole number in a range.</summary>
    public PlannedNumber Number(
        Expression expression, JsonPointer place, ExpressionScope scope, long minimum, long maximum) =>
        new(Bind(expression, place, scope), place, minimum, maximum);

    /// <summary>A number of bytes or an offset in bytes; null stays null.</summary>
    public PlannedNumber? Bytes(Expression? expression, JsonPointer place, ExpressionScope scope, long minimum) =>
        expression is null ? null : Number(expression, place, scope, minimum, JobLimits.MemoryBytes);

    /// <summary>A typed value that stands at <paramref name="place"/>.</summary>
    public PlannedValue Value(JobValue value, JsonPointer place, ExpressionScope scope)
    {
        var field = place.Field(value.Type.Name);
        JsonPointer[] places = value.Type.Width == 1
            ? [field]
            : [.. Enumerable.Range(0, value.Type.Width).Select(field.Item)];
        return new PlannedValue(
            value.Type, [.. value.Components.Select((component, i) => Bind(component, places[i], scope))], places);
    }
}
