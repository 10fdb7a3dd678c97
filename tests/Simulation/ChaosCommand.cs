using System.Globalization;

namespace GpuActors.Simulation;

/// <summary>The command line of <c>./chaos</c>.</summary>
internal sealed record ChaosCommand(long From, long To, bool Trace, ChaosSettings Settings)
{
    private const string Usage = """
        usage: ./chaos --seeds FROM..TO [--minutes N] [--nodes N] [--cells N] [--bug NAME]
                         (nodes: by seed 1 or 3)
               ./chaos --seed S [--trace] [--minutes N] [--nodes N] [--cells N] [--bug NAME]
        """;

    /// <exception cref="ArgumentException">Something is missing or wrong; the message is for people.</exception>
    public static ChaosCommand Parse(IReadOnlyList<string> arguments)
    {
        var command = new ChaosCommand(0, -1, Trace: false, new ChaosSettings());
        for (var i = 0; i < arguments.Count; i++)
        {
            var option = arguments[i];
            if (option == "--trace")
            {
                command = command with { Trace = true };
                continue;
            }

            var value = ++i < arguments.Count ? arguments[i] : throw Wrong($"{option} needs a value.");
            command = command.With(option, value);
        }

        if (command.To < command.From)
        {
            throw Wrong("Which seeds?");
        }

        return command.Trace && command.From != command.To ? throw Wrong("--trace follows one seed.") : command;
    }

    private ChaosCommand With(string option, string value)
    {
        switch (option)
        {
            case "--seed":
                return this with { From = Number(option, value), To = Number(option, value) };
            case "--seeds":
                var range = value.Split("..");
                return range.Length == 2
                    ? this with { From = Number(option, range[0]), To = Number(option, range[1]) }
                    : throw Wrong($"--seeds takes FROM..TO, not '{value}'.");
            case "--minutes":
                return this with { Settings = Settings with { Chaos = TimeSpan.FromMinutes(Number(option, value)) } };
            case "--nodes":
                return this with { Settings = Settings with { Nodes = (int)Number(option, value) } };
            case "--cells":
                return this with { Settings = Settings with { Cells = (int)Number(option, value) } };
            case "--bug":
                return Enum.TryParse<PlantedBug>(value, ignoreCase: true, out var bug)
                    ? this with { Settings = Settings with { Bug = bug } }
                    : throw Wrong($"--bug takes one of {string.Join(", ", Enum.GetNames<PlantedBug>())}.");
            default:
                throw Wrong($"{option} is not known.");
        }
    }

    private static long Number(string option, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong($"{option} takes a number, not '{value}'.");

    private static ArgumentException Wrong(string what) => new($"{what}\n{Usage}");
}
