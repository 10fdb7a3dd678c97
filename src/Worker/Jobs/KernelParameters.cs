using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>Compares a launch's arguments with the parameters that the built kernel has.</summary>
internal static class KernelParameters
{
    private const int ShownKernels = 50;

    /// <summary>The kernel of a launch.</summary>
    /// <exception cref="JobFailureException">The program has no such kernel; the message lists all.</exception>
    public static KernelDescription Find(ProgramDescription program, string programName, PlannedLaunch launch)
    {
        if (program.Find(launch.Kernel) is { } kernel)
        {
            return kernel;
        }

        var names = program.Kernels.Select(k => k.Name).Order(StringComparer.Ordinal).Take(ShownKernels).ToArray();
        var known = names.Length == 0 ? "it has no kernels" : $"its kernels are {string.Join(", ", names)}";
        throw new JobFailureException(
            JobFailureKinds.UnknownKernel, launch.Place.Field("kernel"),
            $"Program '{programName}' has no kernel '{launch.Kernel}'; {known}.");
    }

    /// <exception cref="JobFailureException">An argument does not fit; the message names it.</exception>
    public static void Check(in KernelDescription kernel, PlannedLaunch launch)
    {
        var parameters = kernel.Parameters;
        if (parameters.Count != launch.Arguments.Length)
        {
            throw new JobFailureException(
                JobFailureKinds.KernelArguments, launch.Place,
                $"Kernel '{kernel.Name}' has {parameters.Count} parameters ({Describe(parameters)}), " +
                $"but args has {launch.Arguments.Length}.");
        }

        for (var i = 0; i < parameters.Count; i++)
        {
            if (FaultOf(parameters[i], launch.Arguments[i]) is { } fault)
            {
                throw new JobFailureException(
                    JobFailureKinds.KernelArguments, launch.Arguments[i].Place,
                    $"Parameter {i} of kernel '{kernel.Name}' is '{Describe(parameters[i])}': {fault}.");
            }
        }
    }

    private static string? FaultOf(ParameterDescription parameter, PlannedArgument argument) => parameter.Kind switch
    {
        ArgumentKind.Memory when argument.Memory is { } memory => FaultOf(parameter, memory),
        ArgumentKind.Memory => $"it needs the name of a buffer or image, not {Describe(argument)}",
        ArgumentKind.Local when argument.LocalSize is not null => null,
        ArgumentKind.Local => $"it needs local memory, {{\"local\": SIZE}}, not {Describe(argument)}",
        ArgumentKind.Sampler => "a job cannot pass a sampler; declare it in the program as a constant",
        _ when argument.Value is { } value => FaultOf(parameter, value.Type),
        _ => $"it needs a number such as {{\"{TypeOf(parameter)}\": 0}}, not {Describe(argument)}",
    };

    private static string? FaultOf(ParameterDescription parameter, PlannedMemory memory)
    {
        var needsImage = parameter.TypeName.StartsWith("image", StringComparison.Ordinal);
        return needsImage == memory.Image is not null
            ? null
            : $"it needs {(needsImage ? "an image" : "a buffer")}, not {memory.Description}";
    }

    private static string? FaultOf(ParameterDescription parameter, OpenClType given)
    {
        var type = TypeOf(parameter);

        // A struct or a name of the program's own: only the device knows its size.
        return !OpenClType.TryParse(type, out var needed) || needed == given
            ? null
            : $"it needs {{\"{needed}\": …}}, not {{\"{given}\": …}}";
    }

    private static string TypeOf(ParameterDescription parameter) =>
        parameter.TypeName.StartsWith("unsigned ", StringComparison.Ordinal)
            ? "u" + parameter.TypeName["unsigned ".Length..]
            : parameter.TypeName;

    private static string Describe(PlannedArgument argument) => argument switch
    {
        { Memory: { } memory } => memory.Description,
        { Value: { } value } => $"a number of type {value.Type}",
        _ => "local memory",
    };

    private static string Describe(IReadOnlyList<ParameterDescription> parameters) =>
        string.Join(", ", parameters.Select(Describe));

    private static string Describe(ParameterDescription parameter) => $"{parameter.TypeName} {parameter.Name}".Trim();
}
