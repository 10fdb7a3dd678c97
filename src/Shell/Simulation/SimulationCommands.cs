using System.CommandLine;
using GpuActors.Shared.Simulation;
using GpuActors.Shell.Commands;
using Descriptions = GpuActors.Shared.Simulation.SimulationCommands;

namespace GpuActors.Shell.Simulation;

/// <summary>
/// <c>pbm simulate</c> and <c>pbm size</c>: the command lines are checked and completed here, and run by the
/// scheduler's own program, which is where placement and queueing are.
/// </summary>
internal static class SimulationCommands
{
    public static void AddTo(CommandTree tree)
    {
        Add(tree, Descriptions.Simulate);
        Add(tree, Descriptions.Size);
    }

    private static void Add(CommandTree tree, CommandDescription description)
    {
        var options = description.Options.Select(OptionOf).ToArray();
        tree.Add(
            tree.Root,
            description.Name,
            description.Summary,
            call => SchedulerProgram.RunAsync(call, [description.Name, .. Given(call, options)]),
            options);
    }

    private static Option OptionOf(OptionDescription description)
    {
        Option option = description switch
        {
            { Value: null } => new Option<bool>(description.Name),
            { IsMany: true } => new Option<string[]>(description.Name) { AllowMultipleArgumentsPerToken = true },
            _ => new Option<string>(description.Name),
        };
        option.Description = description.Text;
        option.HelpName = description.Value;
        return option;
    }

    /// <summary>The options of a line, one value a time.</summary>
    private static IEnumerable<string> Given(CommandCall call, Option[] options)
    {
        foreach (var option in options)
        {
            if (call.Parsed.GetResult(option) is { Implicit: false } given)
            {
                if (option is Option<bool>)
                {
                    yield return option.Name;
                }

                foreach (var token in given.Tokens)
                {
                    yield return option.Name;
                    yield return token.Value;
                }
            }
        }

        if (call.Results.Json)
        {
            yield return "--json";
        }
    }
}
