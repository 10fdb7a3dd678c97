using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Values;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>A typed number or vector of a step, as bytes.</summary>
public sealed class PlannedValue
{
    private readonly BoundExpression?[] _components;
    private readonly JsonPointer[] _places;
    private readonly byte[]? _constant;

    internal PlannedValue(OpenClType type, BoundExpression?[] components, JsonPointer[] places)
    {
        Type = type;
        _components = components;
        _places = places;
        var bytes = new byte[type.SizeBytes];
        if (Array.TrueForAll(components, component => component is { IsConstant: true }) && TryWork([], bytes, out _))
        {
            _constant = bytes;
        }
    }

    /// <summary>The OpenCL C type.</summary>
    public OpenClType Type { get; }

    /// <summary>Its bytes if they are the same in every round; otherwise null.</summary>
    public ReadOnlyMemory<byte>? Constant =>
        _constant is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(_constant);

    /// <summary>Writes the value's bytes, as many as the type has.</summary>
    public bool TryWrite(PlanState state, Span<byte> target, out StepFault? fault)
    {
        fault = null;
        if (_constant is null)
        {
            return TryWork(state.Counters, target, out fault);
        }

        _constant.CopyTo(target);
        return true;
    }

    private bool TryWork(ReadOnlySpan<long> counters, Span<byte> target, out StepFault? fault)
    {
        fault = null;
        for (var i = 0; i < _components.Length; i++)
        {
            var part = target.Slice(i * Type.ComponentBytes, Type.ComponentBytes);
            if (_components[i] is { } component && Encode(component, counters, part) is { } error)
            {
                fault = new StepFault(_places[i], error);
                return false;
            }
        }

        // The fourth place of a vector of three.
        target[(_components.Length * Type.ComponentBytes)..Type.SizeBytes].Clear();
        return true;
    }

    private string? Encode(BoundExpression component, ReadOnlySpan<long> counters, Span<byte> target)
    {
        if (Type.IsReal)
        {
            return !component.TryReal(counters, out var real, out var error) ? error
                : ValueEncoding.TryWriteReal(Type.Scalar, real, target) ? null
                : $"{real} does not fit; {ValueEncoding.RangeOf(Type.Scalar)}";
        }

        var (minimum, maximum) = ValueEncoding.LimitsOf(Type.Scalar);
        if (!component.TryInteger(counters, minimum, maximum, out var value, out var reason))
        {
            return $"{reason}; {ValueEncoding.RangeOf(Type.Scalar)}";
        }

        ValueEncoding.WriteInteger(Type.Scalar, value, target);
        return null;
    }
}
