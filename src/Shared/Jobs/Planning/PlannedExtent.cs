namespace GpuActors.Shared.Jobs.Planning;

/// <summary>A run of bytes within something.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Size">Its length.</param>
public readonly record struct Extent(long Offset, long Size);

/// <summary>A run of bytes as a step gives it: from an offset (or the start) for a size (or the rest).</summary>
public sealed class PlannedExtent
{
    private readonly PlannedNumber? _offset;
    private readonly PlannedNumber? _size;
    private readonly JsonPointer _step;
    private readonly string _what;

    /// <param name="offset">Null: 0.</param>
    /// <param name="size">Null: the rest.</param>
    /// <param name="step">The step, for faults that no single field makes.</param>
    /// <param name="what">What the bytes lie in, such as <c>buffer 'x'</c>.</param>
    internal PlannedExtent(PlannedNumber? offset, PlannedNumber? size, JsonPointer step, string what)
    {
        _offset = offset;
        _size = size;
        _step = step;
        _what = what;
    }

    /// <summary>Neither its offset nor its size changes from round to round.</summary>
    public bool IsConstant => (_offset is null || _offset.Constant is not null) &&
        (_size is null || _size.Constant is not null);

    /// <summary>The extent within something of <paramref name="available"/> bytes.</summary>
    public bool TryGet(PlanState state, long available, out Extent extent, out StepFault? fault)
    {
        extent = default;
        fault = null;
        var offset = 0L;
        var size = PlanState.Unknown;
        if ((_offset is not null && !_offset.TryGet(state, out offset, out fault)) ||
            (_size is not null && !_size.TryGet(state, out size, out fault)))
        {
            return false;
        }

        if (_size is null && available != PlanState.Unknown && offset != PlanState.Unknown)
        {
            size = available - offset;
        }

        extent = new Extent(offset, size);
        fault = FaultOf(extent, available);
        return fault is null;
    }

    /// <summary>A fault if <paramref name="extent"/> does not lie within <paramref name="available"/> bytes.</summary>
    public StepFault? FaultOf(Extent extent, long available)
    {
        if (available == PlanState.Unknown || extent.Offset == PlanState.Unknown || extent.Size == PlanState.Unknown)
        {
            return null;
        }

        if (extent.Size > 0 && extent.Size <= available - extent.Offset)
        {
            return null;
        }

        var place = _size?.Place ?? _offset?.Place ?? _step;
        return new StepFault(place, extent.Size <= 0
            ? $"offset {extent.Offset} leaves nothing of {_what}, which has {available} bytes"
            : $"bytes {extent.Offset} to {(Int128)extent.Offset + extent.Size} go beyond {_what}, " +
                $"which has {available} bytes");
    }
}
