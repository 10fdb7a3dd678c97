using System.CommandLine;

namespace GpuActors.Shell.Commands;

/// <summary>Options that take a whole number between bounds.</summary>
internal static class NumberOption
{
    /// <summary>An option; a number outside of the bounds is refused with them.</summary>
    public static Option<int> Create(string name, string description, int fallback, int min, int max)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            DefaultValueFactory = _ => fallback,
            HelpName = "N",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var number && (number < min || number > max))
            {
                result.AddError($"{name} must be from {min} to {max}.");
            }
        });
        return option;
    }
}
