using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Plans the steps of a document, block by block.</summary>
internal sealed class BlockPlanner(JobPlan plan, MemoryPlanner memory, NumberBinder numbers, ProblemList problems)
{
    private readonly HashSet<int> _outputsRead = [];

    /// <summary>The outputs that steps read into.</summary>
    public IReadOnlySet<int> OutputsRead => _outputsRead;

    public PlannedBlock Plan(IReadOnlyList<JobStep> steps, JsonPointer place, ExpressionScope scope, MemoryNames outer)
    {
        var names = outer.Enter();
        var planned = new List<PlannedStep>(steps.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            if (PlanStep(steps[i], place.Item(i).Field(steps[i].Kind), scope, names) is { } step)
            {
                planned.Add(step);
            }
        }

        return new PlannedBlock(planned, [.. names.Own]);
    }

    private PlannedStep? PlanStep(JobStep step, JsonPointer place, ExpressionScope scope, MemoryNames names) =>
        step switch
    {
        CreateStep create => PlanCreate(create, place, scope, names),
        ReleaseStep release => PlanRelease(release, place, names),
        WriteStep write => PlanWrite(write, place, scope, names),
        LaunchStep launch => new LaunchPlanner(plan, numbers, problems).Plan(launch, place, scope, names),
        CopyStep copy => PlanCopy(copy, place, scope, names),
        FillStep fill => PlanFill(fill, place, scope, names),
        ReadStep read => PlanRead(read, place, scope, names),
        ClockStep clock => PlanClock(clock, place),
        RepeatStep repeat => PlanRepeat(repeat, place, scope, names),
        _ => null,
    };

    private PlannedCreate PlanCreate(CreateStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var created = memory.Plan(step.Name, step.Memory, place, scope);
        if (step.Name.Length > 0 && !names.TryAdd(created))
        {
            problems.Meaning(
                place.Field(created.Image is null ? "buffer" : "image"),
                $"there is a buffer or image '{step.Name}' already; release it first or choose another name");
        }

        return new PlannedCreate(place, created);
    }

    private PlannedRelease? PlanRelease(ReleaseStep step, JsonPointer place, MemoryNames names)
    {
        if (step.Name.Length > 0 && names.Remove(step.Name) is { } released)
        {
            return new PlannedRelease(place, released);
        }

        if (step.Name.Length > 0)
        {
            problems.Meaning(
                place,
                $"no step before it in the same block made '{step.Name}'; a block can release only what it made");
        }

        return null;
    }

    private PlannedWrite? PlanWrite(WriteStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var target = FindMemory(step.Memory, place.Field("to"), names);
        var input = memory.FindInput(step.Input, place.Field("input"));
        var size = numbers.Bytes(step.Size, place.Field("size"), scope, 1);
        var offset = numbers.Bytes(step.Offset, place.Field("offset"), scope, 0);
        var source = new PlannedExtent(
            numbers.Bytes(step.InputOffset, place.Field("inputOffset"), scope, 0), size, place,
            $"input '{step.Input}'");
        if (target is null || input is null)
        {
            return null;
        }

        RefuseForImage(target, step.Offset, place.Field("offset"));
        return new PlannedWrite(
            place, target, input.Value, source, new PlannedExtent(offset, null, place, target.Description));
    }

    private PlannedCopy? PlanCopy(CopyStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var from = FindBuffer(step.From, place.Field("from"), names);
        var to = FindBuffer(step.To, place.Field("to"), names);
        var size = numbers.Bytes(step.Size, place.Field("size"), scope, 1);
        var fromOffset = numbers.Bytes(step.FromOffset, place.Field("fromOffset"), scope, 0);
        var toOffset = numbers.Bytes(step.ToOffset, place.Field("toOffset"), scope, 0);
        return from is null || to is null ? null : new PlannedCopy(
            place, from, to, new PlannedExtent(fromOffset, size, place, from.Description),
            new PlannedExtent(toOffset, null, place, to.Description));
    }

    private PlannedFill? PlanFill(FillStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var buffer = FindBuffer(step.Memory, place.Field("buffer"), names);
        var value = numbers.Value(step.Value, place.Field("with"), scope);
        var offset = numbers.Bytes(step.Offset, place.Field("offset"), scope, 0);
        var size = numbers.Bytes(step.Size, place.Field("size"), scope, 1);
        return buffer is null ? null : new PlannedFill(
            place, buffer, value, new PlannedExtent(offset, size, place, buffer.Description));
    }

    private PlannedClock? PlanClock(ClockStep step, JsonPointer place)
    {
        plan.TakesTimes = true;
        return FindOutput(step.Output, place) is { } output ? new PlannedClock(place, output) : null;
    }

    private PlannedRead? PlanRead(ReadStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var source = FindMemory(step.Memory, place.Field("from"), names);
        var output = FindOutput(step.Output, place);
        var offset = numbers.Bytes(step.Offset, place.Field("offset"), scope, 0);
        var size = numbers.Bytes(step.Size, place.Field("size"), scope, 1);
        if (source is null || output is null)
        {
            return null;
        }

        RefuseForImage(source, step.Offset, place.Field("offset"));
        RefuseForImage(source, step.Size, place.Field("size"));
        return new PlannedRead(place, source, output.Value, new PlannedExtent(offset, size, place, source.Description));
    }

    private int? FindOutput(string name, JsonPointer place)
    {
        var output = Array.FindIndex(plan.Outputs, o => o.Key == name);
        if (output >= 0)
        {
            _outputsRead.Add(output);
            return output;
        }

        if (name.Length > 0)
        {
            problems.Meaning(
                place.Field("output"),
                $"there is no output '{name}'; {KnownNames.In(plan.Outputs.Select(o => o.Key))}");
        }

        return null;
    }

    private PlannedRepeat PlanRepeat(RepeatStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var count = numbers.Number(step.Count, place.Field("count"), scope, 1, JobLimits.ExpandedSteps);
        if (count.Constant is null)
        {
            problems.Meaning(place.Field("count"), count.TryGet(new PlanState(plan), out _, out var fault)
                ? "must be the same in every round of the repeats around it: use no counters"
                : fault!.Message);
        }

        if (step.Counter is { Length: > 0 } counter && (scope.Contains(counter) || Names.IsReserved(counter)))
        {
            problems.Meaning(place.Field("counter"), $"'{counter}' has a meaning already; choose another name");
        }

        var body = Plan(step.Steps, place.Field("steps"), scope.Enter(step.Counter), names);
        return new PlannedRepeat(place, scope.Depth, Math.Max(1, count.Constant ?? 1), body);
    }

    private PlannedMemory? FindBuffer(string name, JsonPointer place, MemoryNames names)
    {
        var found = FindMemory(name, place, names);
        if (found?.Image is null)
        {
            return found;
        }

        problems.Meaning(place, $"'{name}' is an image; a buffer is needed here");
        return null;
    }

    private PlannedMemory? FindMemory(string name, JsonPointer place, MemoryNames names) =>
        FindMemory(name, place, names, problems);

    internal static PlannedMemory? FindMemory(string name, JsonPointer place, MemoryNames names, ProblemList problems)
    {
        var found = names.Find(name);
        if (found is null && name.Length > 0)
        {
            problems.Meaning(place, $"there is no buffer or image '{name}' here; {KnownNames.In(names.All)}");
        }

        return found;
    }

    private void RefuseForImage(PlannedMemory target, Expression? field, JsonPointer place)
    {
        if (target.Image is not null && field is not null)
        {
            problems.Meaning(place, $"must be left out: {target.Description} is transferred whole");
        }
    }
}
