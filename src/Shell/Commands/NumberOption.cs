using System.CommandLine;
using System.Globalization;

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
            // What isn't a number at all is here too: its value can't be asked for.
            if (result.Tokens is [var token]
                && (!int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number)
                    || number < min || number > max))
            {
                result.AddError($"{name} must be from {min} to {max}.");
            }
        });
        return option;
    }
}
