using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Resolves a document's names, and reports those that name nothing.</summary>
internal sealed class JobPlanner
{
    private readonly JobDocument _document;
    private readonly ProblemList _problems;
    private readonly JobPlan _plan;
    private readonly NumberBinder _numbers;

    private JobPlanner(JobDocument document, ProblemList problems)
    {
        _document = document;
        _problems = problems;
        _plan = new JobPlan(document);
        _numbers = new NumberBinder(problems);
    }

    /// <summary>Plans a document as far as it is right, and reports what is wrong.</summary>
    public static JobPlan Plan(JobDocument document, ProblemList problems)
    {
        var planner = new JobPlanner(document, problems);
        planner.CheckConstants();
        planner.PlanMemoryAndSteps();
        return planner._plan;
    }

    private void CheckConstants()
    {
        foreach (var (name, expression) in _document.Constants)
        {
            var place = JsonPointer.Root.Field("constants").Field(name);
            if (Names.IsReserved(name))
            {
                _problems.Meaning(place, $"'{name}' has a meaning in expressions; choose another name");
            }

            if (ReferenceEquals(expression, Expression.Invalid))
            {
                _numbers.PassOver(name);
            }
            else if (FaultOf(expression) is { } fault)
            {
                _numbers.PassOver(name);
                _problems.Meaning(place, fault);
            }
        }
    }

    private static string? FaultOf(Expression constant)
    {
        if (constant.Names.Count > 0)
        {
            return "must be a number without names of other constants or of counters";
        }

        // Shifts have no real value, fractions no whole one; a constant must have one of the two.
        var bound = constant.Bind(ExpressionScope.Of(new Dictionary<string, Expression>()));
        return bound.TryInteger([], Int128.MinValue, Int128.MaxValue, out _, out _) ? null
            : bound.TryReal([], out _, out var error) ? null : error;
    }

    private void PlanMemoryAndSteps()
    {
        var memory = new MemoryPlanner(_plan, _numbers, _problems);
        var scope = ExpressionScope.Of(_document.Constants);
        var declared = new List<PlannedMemory>();
        foreach (var (name, buffer) in _document.Buffers.OrderBy(b => b.Key, StringComparer.Ordinal))
        {
            declared.Add(memory.Plan(name, buffer, JsonPointer.Root.Field("buffers").Field(name), scope));
        }

        foreach (var (name, image) in _document.Images.OrderBy(i => i.Key, StringComparer.Ordinal))
        {
            var place = JsonPointer.Root.Field("images").Field(name);
            if (_document.Buffers.ContainsKey(name))
            {
                _problems.Meaning(place, $"there is a buffer '{name}' already; buffers and images share their names");
            }

            declared.Add(memory.Plan(name, image, place, scope));
        }

        _plan.Declared = declared;
        var names = MemoryNames.Of(declared);
        var planner = new BlockPlanner(_plan, memory, _numbers, _problems);
        _plan.Root = planner.Plan(_document.Steps, JsonPointer.Root.Field("steps"), scope, names);
        _plan.MemorySlots = memory.Slots;
        _plan.TotalSteps = CountSteps(_plan.Root);
        CheckOutputsAreRead(planner.OutputsRead);
    }

    /// <summary>Steps with repeats expanded; one more than the limit stands for anything above it.</summary>
    private static long CountSteps(PlannedBlock block)
    {
        Int128 count = 0;
        foreach (var step in block.Steps)
        {
            count += step is PlannedRepeat repeat ? (Int128)repeat.Count * CountSteps(repeat.Body) : 1;
        }

        return (long)Int128.Min(count, JobLimits.ExpandedSteps + 1);
    }

    private void CheckOutputsAreRead(IReadOnlySet<int> outputsRead)
    {
        // A step that is wrong may be the one that was meant to read the output.
        if (_problems.HasProblemBelow("/steps"))
        {
            return;
        }

        for (var i = 0; i < _plan.Outputs.Length; i++)
        {
            if (!outputsRead.Contains(i))
            {
                _problems.Meaning(
                    JsonPointer.Root.Field("outputs").Field(_plan.Outputs[i].Key), "no step reads anything into it");
            }
        }
    }
}
