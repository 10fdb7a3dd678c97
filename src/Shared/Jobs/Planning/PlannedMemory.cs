namespace GpuActors.Shared.Jobs.Planning;

/// <summary>A buffer or image of a plan.</summary>
public sealed class PlannedMemory
{
    private readonly PlannedNumber? _size;
    private readonly PlannedNumber[] _dimensions;

    internal PlannedMemory(
        int slot, string name, JsonPointer place, JobMemory memory, PlannedNumber? size, PlannedNumber[] dimensions,
        int? from)
    {
        Slot = slot;
        Name = name;
        Place = place;
        Image = memory as JobImage;
        Input = from;
        _size = size;
        _dimensions = dimensions;
    }

    /// <summary>Its number in the plan.</summary>
    public int Slot { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Where it is declared or made.</summary>
    public JsonPointer Place { get; }

    /// <summary>The image; null for a buffer.</summary>
    public JobImage? Image { get; }

    /// <summary>The number of the input that it is made from, if any.</summary>
    public int? Input { get; }

    /// <summary>Its size is the same whenever it is made.</summary>
    public bool IsConstant => (_size is null || _size.Constant is not null) &&
        Array.TrueForAll(_dimensions, dimension => dimension.Constant is not null);

    /// <summary>For messages: <c>buffer 'x'</c>.</summary>
    public string Description => $"{(Image is null ? "buffer" : "image")} '{Name}'";

    /// <summary>Works out the length in bytes; unknown if it comes from an input of unknown size.</summary>
    public bool TryGetBytes(PlanState state, out long bytes, out StepFault? fault)
    {
        var available = Input is { } input ? state.InputBytes[input] : PlanState.Unknown;
        bytes = available;
        fault = null;
        if (_size is not null)
        {
            return _size.TryGet(state, out bytes, out fault) && Fits(bytes, available, out fault);
        }

        if (Image is null)
        {
            fault = available is PlanState.Unknown or > 0 ? null
                : new StepFault(Place, $"{Description} would have 0 bytes, as its input has; at least 1 is needed");
            return fault is null;
        }

        return TryGetDimensions(state, out var width, out var height, out var depth, out fault) &&
            TryGetImageBytes(width, height, depth, out bytes, out fault) && Fits(bytes, available, out fault);
    }

    /// <summary>Works out an image's dimensions, 1 where it has none.</summary>
    public bool TryGetDimensions(
        PlanState state, out long width, out long height, out long depth, out StepFault? fault)
    {
        Span<long> sizes = [1, 1, 1];
        fault = null;
        for (var i = 0; i < _dimensions.Length && fault is null; i++)
        {
            _dimensions[i].TryGet(state, out sizes[i], out fault);
        }

        (width, height, depth) = (sizes[0], sizes[1], sizes[2]);
        return fault is null;
    }

    private bool TryGetImageBytes(long width, long height, long depth, out long bytes, out StepFault? fault)
    {
        bytes = PlanState.Unknown;
        fault = null;
        if (width == PlanState.Unknown || height == PlanState.Unknown || depth == PlanState.Unknown)
        {
            return true;
        }

        var total = (Int128)width * height * depth * Image!.PixelBytes;
        bytes = total <= JobLimits.MemoryBytes ? (long)total : PlanState.Unknown;
        fault = total <= JobLimits.MemoryBytes ? null
            : new StepFault(Place, $"{Description} has {total} bytes; at most {JobLimits.MemoryBytes} are allowed");
        return fault is null;
    }

    private bool Fits(long bytes, long available, out StepFault? fault)
    {
        fault = null;
        if (bytes == PlanState.Unknown || available == PlanState.Unknown)
        {
            return true;
        }

        if (Image is null ? available > bytes : available != bytes)
        {
            fault = new StepFault(
                Place, $"{Description} has {bytes} bytes, but the input it is made from has {available}");
        }

        return fault is null;
    }
}
