using System.Globalization;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Simulation;

namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary>A command line, read by the command's description.</summary>
internal sealed class CommandLine
{
    private const string JsonOption = "--json";

    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the arguments behind the command's name: <c>--name value</c> or <c>--name=value</c>.</summary>
    /// <exception cref="SimulationInputException">An option is not known, or has no value, or several.</exception>
    public CommandLine(CommandDescription command, IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            if (name == JsonOption)
            {
                _values[name] = [];
                continue;
            }

            var option = command.Options.FirstOrDefault(option => option.Name == name) ?? throw Unknown(command, name);
            var given = ValuesOf(name);
            if (option.Value is null)
            {
                continue;
            }

            given.Add(value
                ?? (i + 1 < arguments.Count ? arguments[++i] : throw Wrong($"{name} needs a value: {option.Text}")));
            while (option.IsMany && i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-'))
            {
                given.Add(arguments[++i]);
            }

            if (given.Count > 1 && !option.IsMany)
            {
                throw Wrong($"{name} can be given once only.");
            }
        }
    }

    /// <summary>Results are wanted as JSON.</summary>
    public bool Json => Has(JsonOption);

    /// <summary>The option is there.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Its value; null if it is not there.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name) is [var value, ..] ? value : null;

    /// <summary>Its values, split at commas.</summary>
    public IReadOnlyList<string> Texts(string name) =>
    [
        .. _values.GetValueOrDefault(name, []).SelectMany(
            value => value.Split(',', StringSplitOptions.RemoveEmptyEntries)),
    ];

    /// <summary>Its value, a whole number in a range.</summary>
    public int Whole(string name, int fallback, int min, int max) => Text(name) is not { } text ? fallback
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max
            ? number
            : throw Wrong($"{name} must be a whole number from {min} to {max}, not '{text}'.");

    /// <summary>Its value, a number in a range.</summary>
    public double Number(string name, double fallback, double min, double max) => Text(name) is not { } text ? fallback
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max
            ? number
            : throw Wrong(string.Create(
                CultureInfo.InvariantCulture, $"{name} must be from {min} to {max}, not '{text}'."));

    /// <summary>Its value, a time such as <c>30s</c>, in seconds.</summary>
    public double? Seconds(string name) => Text(name) is not { } text ? null
        : Amounts.TrySeconds(text, out var seconds)
            || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds))
            ? seconds
            : throw Wrong($"{name} must be a time such as 30s, 5m or 2h, not '{text}'.");

    /// <summary>Its value, a size such as <c>256GiB</c>, in bytes.</summary>
    public long? Bytes(string name) => Text(name) is not { } text ? null
        : Amounts.TrySize(text, out var bytes, out var error) && error is null && bytes > 0
            ? bytes
            : throw Wrong($"{name} must be a size such as 256GiB, not '{text}'.");

    /// <summary>An error in the command line.</summary>
    public static SimulationInputException Wrong(string message) => new(message);

    private List<string> ValuesOf(string name)
    {
        if (!_values.TryGetValue(name, out var values))
        {
            _values[name] = values = [];
        }

        return values;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return argument.StartsWith("--", StringComparison.Ordinal) && equals > 0
            ? (argument[..equals], argument[(equals + 1)..])
            : (argument, null);
    }

    private static SimulationInputException Unknown(CommandDescription command, string name)
    {
        var meant = NearestName.Nearest(name, command.Options.Select(option => option.Name));
        return Wrong($"'{command.Name}' does not know '{name}'.{(meant is null ? "" : $" Did you mean '{meant}'?")}");
    }
}
