using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>A whole number of a step, with its range and its place in the document.</summary>
public sealed class PlannedNumber
{
    private readonly BoundExpression? _expression;
    private readonly Int128 _minimum;
    private readonly Int128 _maximum;
    private readonly long? _constant;

    /// <param name="expression">The expression; null if it was reported as wrong.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="minimum">The least value allowed.</param>
    /// <param name="maximum">The greatest value allowed.</param>
    internal PlannedNumber(BoundExpression? expression, JsonPointer place, long minimum, long maximum)
    {
        _expression = expression;
        _minimum = minimum;
        _maximum = maximum;
        Place = place;
        if (expression is null)
        {
            _constant = PlanState.Unknown;
        }
        else if (expression.IsConstant && expression.TryInteger([], minimum, maximum, out var value, out _))
        {
            _constant = (long)value;
        }
    }

    /// <summary>Where it stands in the document.</summary>
    public JsonPointer Place { get; }

    /// <summary>The value if it is the same in every round and right; otherwise null.</summary>
    public long? Constant => _constant;

    /// <summary>Works the number out; false with a fault if it has no value or one out of range.</summary>
    public bool TryGet(PlanState state, out long value, out StepFault? fault)
    {
        fault = null;
        if (_constant is { } constant)
        {
            value = constant;
            return true;
        }

        if (_expression!.TryInteger(state.Counters, _minimum, _maximum, out var result, out var error))
        {
            value = (long)result;
            return true;
        }

        value = PlanState.Unknown;
        fault = new StepFault(Place, error);
        return false;
    }
}
