using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Plans the launch of a kernel. Whether the kernel exists is known only once its program is built.</summary>
internal sealed class LaunchPlanner(JobPlan plan, NumberBinder numbers, ProblemList problems)
{
    public PlannedLaunch? Plan(LaunchStep step, JsonPointer place, ExpressionScope scope, MemoryNames names)
    {
        var program = FindProgram(step.Program, place);
        var global = Range(step.Global, place.Field("global"), scope, 1, JobLimits.GlobalSize);
        var local = Range(step.Local, place.Field("local"), scope, 1, JobLimits.GlobalSize);
        var offset = Range(step.Offset, place.Field("offset"), scope, 0, JobLimits.GlobalSize);
        CheckDimensions(global, local, place.Field("local"));
        CheckDimensions(global, offset, place.Field("offset"));
        var arguments = step.Arguments.Select((argument, i) =>
            PlanArgument(argument, place.Field("args").Item(i), scope, names)).ToArray();
        return program is null ? null : new PlannedLaunch(
            place, program.Value, step.Kernel, global, local, offset, arguments);
    }

    private int? FindProgram(string? name, JsonPointer place)
    {
        if (name is { Length: 0 } || (name is null && plan.Programs.Length == 1))
        {
            return name is null ? 0 : null;
        }

        var known = KnownNames.In(plan.Programs.Select(p => p.Key));
        if (name is null)
        {
            problems.Meaning(place, $"must say which program the kernel is in, in the field 'program'; {known}");
            return null;
        }

        var index = Array.FindIndex(plan.Programs, program => program.Key == name);
        if (index < 0)
        {
            problems.Meaning(place.Field("program"), $"there is no program '{name}'; {known}");
        }

        return index < 0 ? null : index;
    }

    private PlannedNumber[] Range(
        IReadOnlyList<Expression>? sizes, JsonPointer place, ExpressionScope scope, long minimum, long maximum)
    {
        if (sizes is null)
        {
            return [];
        }

        // A single size may stand without brackets; the place is then the field itself.
        return sizes.Count == 1
            ? [numbers.Number(sizes[0], place, scope, minimum, maximum)]
            : [.. sizes.Select((size, i) => numbers.Number(size, place.Item(i), scope, minimum, maximum))];
    }

    private void CheckDimensions(PlannedNumber[] global, PlannedNumber[] other, JsonPointer place)
    {
        if (other.Length > 0 && global.Length > 0 && other.Length != global.Length)
        {
            problems.Meaning(place, $"has {other.Length} dimensions, but global has {global.Length}; they must agree");
        }
    }

    private PlannedArgument PlanArgument(
        JobArgument argument, JsonPointer place, ExpressionScope scope, MemoryNames names) => argument switch
        {
            MemoryArgument memory =>
                new(place, BlockPlanner.FindMemory(memory.Memory, place, names, problems), null, null),
            LocalArgument local => new(place, null, numbers.Bytes(local.Size, place.Field("local"), scope, 1), null),
            ValueArgument value => new(place, null, null, numbers.Value(value.Value, place, scope)),
            _ => throw new InvalidOperationException($"Unknown argument {argument.GetType().Name}."),
        };
}
