using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// A launch whose kernel exists and whose arguments fit: what is the same in every round is worked out once.
/// </summary>
internal sealed class PreparedLaunch
{
    private const int LongestInlineValue = sizeof(ulong);

    private readonly PlannedLaunch _launch;
    private readonly ulong _kernel;
    private readonly KernelArgument[] _arguments;
    private readonly int[] _variable;

    public PreparedLaunch(PlannedLaunch launch, ulong kernel, JobObjects objects)
    {
        _launch = launch;
        _kernel = kernel;
        _arguments = [.. launch.Arguments.Select(argument => ConstantOf(argument, objects))];
        _variable = [.. Enumerable.Range(0, _arguments.Length).Where(i => !IsConstant(launch.Arguments[i]))];
    }

    /// <summary>The command for the current round; its arguments are valid until the next call.</summary>
    /// <exception cref="JobFailureException">A number is out of range in this round.</exception>
    public LaunchKernel Resolve(PlanState state)
    {
        foreach (var i in _variable)
        {
            _arguments[i] = Resolve(_launch.Arguments[i], state);
        }

        return new LaunchKernel(
            JobObjects.Queue, _kernel, (byte)_launch.Global.Length, Size(_launch.Global, state, 1), _arguments,
            Size(_launch.Local, state, 1), Size(_launch.Offset, state, 0));
    }

    private static bool IsConstant(PlannedArgument argument) => argument switch
    {
        { LocalSize: { } size } => size.Constant is not null,
        { Value: { } value } => value.Constant is not null,
        _ => true,
    };

    private static KernelArgument ConstantOf(PlannedArgument argument, JobObjects objects) => argument switch
    {
        { Memory: { } memory } => KernelArgument.Memory(objects.Memory(memory)),
        { LocalSize.Constant: { } size } => KernelArgument.Local((ulong)size),
        { Value.Constant: { } bytes } => KernelArgument.Value(bytes),
        _ => default,
    };

    private static KernelArgument Resolve(PlannedArgument argument, PlanState state)
    {
        StepFault? fault;
        if (argument.LocalSize is { } local)
        {
            return local.TryGet(state, out var size, out fault)
                ? KernelArgument.Local((ulong)size)
                : throw Failure(fault!);
        }

        var value = argument.Value!;
        var length = value.Type.SizeBytes;
        if (length > LongestInlineValue)
        {
            var bytes = new byte[length];
            return value.TryWrite(state, bytes, out fault) ? KernelArgument.Value(bytes) : throw Failure(fault!);
        }

        Span<byte> word = stackalloc byte[LongestInlineValue];
        if (!value.TryWrite(state, word, out fault))
        {
            throw Failure(fault!);
        }

        return ValueOf(word, length);
    }

    private static KernelArgument ValueOf(ReadOnlySpan<byte> word, int length) => length switch
    {
        sizeof(int) => KernelArgument.Value(BitConverter.ToInt32(word)),
        sizeof(long) => KernelArgument.Value(BitConverter.ToInt64(word)),
        _ => KernelArgument.Value(word[..length].ToArray()),
    };

    private static WorkSize Size(PlannedNumber[] numbers, PlanState state, ulong unused)
    {
        if (numbers.Length == 0)
        {
            return WorkSize.Zero;
        }

        return new WorkSize(
            Number(numbers, 0, state, unused), Number(numbers, 1, state, unused), Number(numbers, 2, state, unused));
    }

    private static ulong Number(PlannedNumber[] numbers, int dimension, PlanState state, ulong unused)
    {
        if (dimension >= numbers.Length)
        {
            return unused;
        }

        return numbers[dimension].TryGet(state, out var value, out var fault) ? (ulong)value : throw Failure(fault!);
    }

    private static JobFailureException Failure(StepFault fault) =>
        new(JobFailureKinds.Step, fault.Place, fault.Message);
}
