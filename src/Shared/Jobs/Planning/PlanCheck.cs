using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>
/// Checks a plan's numbers by walking through it twice: in the first and in the last round of every repeat. What it
/// reports there happens for certain; rounds between are checked when the job runs.
/// </summary>
internal sealed class PlanCheck(JobPlan plan, ProblemList problems)
{
    private readonly HashSet<PlannedStep> _faulty = new(ReferenceEqualityComparer.Instance);
    private readonly Int128[] _outputBytes = new Int128[plan.Outputs.Length];

    /// <summary>Plans a document and checks it.</summary>
    public static void Run(JobDocument document, ProblemList problems)
    {
        var plan = JobPlanner.Plan(document, problems);
        new PlanCheck(plan, problems).Run();
    }

    private void Run()
    {
        var state = new PlanState(plan);
        CheckDeclared(state);
        Walk(plan.Root, state, last: false, rounds: 1);
        Walk(plan.Root, state, last: true, rounds: 0);
        CheckStepCount();
        CheckOutputs();
    }

    private void CheckDeclared(PlanState state)
    {
        Int128 total = 0;
        foreach (var memory in plan.Declared)
        {
            Measure(memory, state);
            total += Math.Max(0, state.MemoryBytes[memory.Slot]);
        }

        if (plan.Document.Gpu is { MemoryBytes: { } bytes } && total > bytes)
        {
            problems.Meaning(
                JsonPointer.Root.Field("gpu").Field("memory"),
                $"is {bytes} bytes, but the buffers and images alone take {total}");
        }
    }

    private bool Measure(PlannedMemory memory, PlanState state)
    {
        var isRight = memory.TryGetBytes(state, out var bytes, out var fault);
        state.MemoryBytes[memory.Slot] = bytes;
        if (fault is not null)
        {
            problems.Meaning(fault.Place, fault.Message);
        }

        return isRight;
    }

    private void Walk(PlannedBlock block, PlanState state, bool last, Int128 rounds)
    {
        foreach (var step in block.Steps)
        {
            if (step is PlannedRepeat repeat)
            {
                state.Counters[repeat.Depth] = last ? repeat.Count - 1 : 0;
                Walk(repeat.Body, state, last, Int128.Min(rounds * repeat.Count, JobLimits.ExpandedSteps));
            }
            else
            {
                Check(step, state, rounds);
            }
        }
    }

    private void Check(PlannedStep step, PlanState state, Int128 rounds)
    {
        if (!_faulty.Contains(step) && FaultOf(step, state, rounds) is { } fault)
        {
            _faulty.Add(step);
            problems.Meaning(fault.Place, fault.Message);
        }
    }

    private StepFault? FaultOf(PlannedStep step, PlanState state, Int128 rounds)
    {
        StepFault? fault = null;
        switch (step)
        {
            case PlannedCreate create:
                create.Memory.TryGetBytes(state, out state.MemoryBytes[create.Memory.Slot], out fault);
                break;
            case PlannedWrite write:
                write.TryGet(state, out _, out _, out fault);
                break;
            case PlannedCopy copy:
                copy.TryGet(state, out _, out _, out fault);
                break;
            case PlannedFill fill:
                Span<byte> value = stackalloc byte[fill.Value.Type.SizeBytes];
                _ = fill.TryGet(state, out _, out fault) && fill.Value.TryWrite(state, value, out fault);
                break;
            case PlannedRead read:
                read.TryGet(state, out var extent, out fault);
                _outputBytes[read.Output] += read.IsConstant && extent.Size > 0 ? extent.Size * rounds : 0;
                break;
            case PlannedClock clock:
                _outputBytes[clock.Output] += PlannedClock.SizeBytes * rounds;
                break;
            case PlannedLaunch launch:
                fault = FaultOf(launch, state);
                break;
        }

        return fault;
    }

    private static StepFault? FaultOf(PlannedLaunch launch, PlanState state)
    {
        Span<byte> bytes = stackalloc byte[128];
        foreach (var number in launch.Global.Concat(launch.Local).Concat(launch.Offset))
        {
            if (!number.TryGet(state, out _, out var fault))
            {
                return fault;
            }
        }

        foreach (var argument in launch.Arguments)
        {
            StepFault? fault = null;
            argument.LocalSize?.TryGet(state, out _, out fault);
            argument.Value?.TryWrite(state, bytes, out fault);
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private void CheckStepCount()
    {
        if (plan.TotalSteps > JobLimits.ExpandedSteps)
        {
            problems.Meaning(
                JsonPointer.Root.Field("steps"),
                $"make more than {JobLimits.ExpandedSteps} steps once the repeats are expanded");
        }
    }

    private void CheckOutputs()
    {
        for (var i = 0; i < plan.Outputs.Length; i++)
        {
            var (name, output) = plan.Outputs[i];
            var place = JsonPointer.Root.Field("outputs").Field(name);
            if (_outputBytes[i] > output.MaxSizeBytes)
            {
                problems.Meaning(
                    place, $"may have {output.MaxSizeBytes} bytes, but the steps read {_outputBytes[i]} into it");
            }
        }
    }
}
