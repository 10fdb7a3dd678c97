namespace GpuActors.Shared.Jobs.Planning;

/// <summary>A step whose names are resolved.</summary>
/// <param name="Place">Where it stands, such as <c>/steps/3/launch</c>.</param>
public abstract record PlannedStep(JsonPointer Place);

/// <summary>Makes a buffer or image.</summary>
public sealed record PlannedCreate(JsonPointer Place, PlannedMemory Memory) : PlannedStep(Place);

/// <summary>Gives a buffer or image back.</summary>
public sealed record PlannedRelease(JsonPointer Place, PlannedMemory Memory) : PlannedStep(Place);

/// <summary>Copies from an input.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Memory">What is written.</param>
/// <param name="Input">The input's number.</param>
/// <param name="Source">The bytes of the input.</param>
/// <param name="Target">The bytes written; the size is the source's.</param>
public sealed record PlannedWrite(
    JsonPointer Place, PlannedMemory Memory, int Input, PlannedExtent Source, PlannedExtent Target) : PlannedStep(Place)
{
    /// <summary>Works out what is copied where.</summary>
    public bool TryGet(PlanState state, out Extent source, out long targetOffset, out StepFault? fault)
    {
        targetOffset = PlanState.Unknown;
        if (!Source.TryGet(state, state.InputBytes[Input], out source, out fault) ||
            !Target.TryGet(state, PlanState.Unknown, out var target, out fault))
        {
            return false;
        }

        targetOffset = target.Offset;
        var available = state.MemoryBytes[Memory.Slot];
        fault = Target.FaultOf(new Extent(target.Offset, source.Size), available);
        if (fault is null && Memory.Image is not null && source.Size != PlanState.Unknown &&
            available != PlanState.Unknown && source.Size != available)
        {
            fault = new StepFault(
                Place, $"{Memory.Description} has {available} bytes and is written whole; {source.Size} are given");
        }

        return fault is null;
    }
}

/// <summary>Runs a kernel.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Program">The program's number.</param>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Global">Work-items in each dimension.</param>
/// <param name="Local">Work-items of a group in each dimension; empty: the device chooses.</param>
/// <param name="Offset">The first global id in each dimension; empty: zeros.</param>
/// <param name="Arguments">The arguments in order.</param>
public sealed record PlannedLaunch(
    JsonPointer Place, int Program, string Kernel, PlannedNumber[] Global, PlannedNumber[] Local,
    PlannedNumber[] Offset, PlannedArgument[] Arguments) : PlannedStep(Place);

/// <summary>An argument of a launch: exactly one of memory, local size and value.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Memory">A buffer or image.</param>
/// <param name="LocalSize">Local memory of so many bytes.</param>
/// <param name="Value">A number or vector.</param>
public sealed record PlannedArgument(
    JsonPointer Place, PlannedMemory? Memory, PlannedNumber? LocalSize, PlannedValue? Value);

/// <summary>Copies between buffers.</summary>
public sealed record PlannedCopy(
    JsonPointer Place, PlannedMemory From, PlannedMemory To, PlannedExtent Source, PlannedExtent Target)
    : PlannedStep(Place)
{
    /// <summary>Works out what is copied where.</summary>
    public bool TryGet(PlanState state, out Extent source, out long targetOffset, out StepFault? fault)
    {
        targetOffset = PlanState.Unknown;
        if (!Source.TryGet(state, state.MemoryBytes[From.Slot], out source, out fault) ||
            !Target.TryGet(state, PlanState.Unknown, out var target, out fault))
        {
            return false;
        }

        targetOffset = target.Offset;
        fault = Target.FaultOf(new Extent(target.Offset, source.Size), state.MemoryBytes[To.Slot]);
        if (fault is null && From.Slot == To.Slot && source.Size != PlanState.Unknown &&
            targetOffset != PlanState.Unknown && Math.Abs(source.Offset - targetOffset) < source.Size)
        {
            fault = new StepFault(Place, $"copies {source.Size} bytes within {From.Description} onto themselves");
        }

        return fault is null;
    }
}

/// <summary>Fills a buffer.</summary>
public sealed record PlannedFill(JsonPointer Place, PlannedMemory Memory, PlannedValue Value, PlannedExtent Target)
    : PlannedStep(Place)
{
    /// <summary>Works out which bytes are filled.</summary>
    public bool TryGet(PlanState state, out Extent target, out StepFault? fault)
    {
        if (!Target.TryGet(state, state.MemoryBytes[Memory.Slot], out target, out fault))
        {
            return false;
        }

        var unit = Value.Type.SizeBytes;
        if ((target.Offset != PlanState.Unknown && target.Offset % unit != 0) ||
            (target.Size != PlanState.Unknown && target.Size % unit != 0))
        {
            fault = new StepFault(
                Place,
                $"offset {target.Offset} and size {target.Size} must be multiples of {unit}, the size of {Value.Type}");
        }

        return fault is null;
    }
}

/// <summary>Appends to an output.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Memory">What is read.</param>
/// <param name="Output">The output's number.</param>
/// <param name="Source">The bytes read.</param>
public sealed record PlannedRead(JsonPointer Place, PlannedMemory Memory, int Output, PlannedExtent Source)
    : PlannedStep(Place)
{
    /// <summary>The same bytes are read in every round.</summary>
    public bool IsConstant => Source.IsConstant && Memory.IsConstant;

    /// <summary>Works out which bytes are read.</summary>
    public bool TryGet(PlanState state, out Extent source, out StepFault? fault) =>
        Source.TryGet(state, state.MemoryBytes[Memory.Slot], out source, out fault);
}

/// <summary>Appends the device's time.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Output">The output's number.</param>
public sealed record PlannedClock(JsonPointer Place, int Output) : PlannedStep(Place)
{
    /// <summary>Bytes that it appends.</summary>
    public const int SizeBytes = sizeof(ulong);
}

/// <summary>Does its steps again and again.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Depth">How many repeats are around it: the counter's index in the state.</param>
/// <param name="Count">How often.</param>
/// <param name="Body">The steps.</param>
public sealed record PlannedRepeat(JsonPointer Place, int Depth, long Count, PlannedBlock Body) : PlannedStep(Place);

/// <summary>Steps in order. Memory that they make and don't release is released at the block's end.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Created">Memory to release at the end, in order of creation.</param>
public sealed record PlannedBlock(IReadOnlyList<PlannedStep> Steps, IReadOnlyList<PlannedMemory> Created);
