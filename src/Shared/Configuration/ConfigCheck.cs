namespace GpuActors.Shared.Configuration;

/// <summary>
/// Compares a loaded configuration with the reference that names every setting: a key that is not there is a mistake,
/// and so is a value of another type. In the reference an empty object is open to any keys, and null to any value.
/// </summary>
public static class ConfigCheck
{
    /// <summary>All mistakes, each as a sentence with its place; empty when there is none.</summary>
    public static IReadOnlyList<string> FindMistakes(Config config, Config reference)
    {
        var mistakes = new List<string>();
        Compare([], config.Root, reference.Root, reference.Root, mistakes);
        return mistakes;
    }

    /// <summary>Throws one error that lists all mistakes.</summary>
    /// <exception cref="ConfigException">There is a mistake.</exception>
    public static void Demand(Config config, Config reference)
    {
        var mistakes = FindMistakes(config, reference);
        if (mistakes.Count > 0)
        {
            throw new ConfigException(string.Join(Environment.NewLine, mistakes));
        }
    }

    private static void Compare(
        string[] path, ConfigObject actual, ConfigObject known, ConfigObject root, List<string> mistakes)
    {
        foreach (var (key, value) in actual.Fields)
        {
            string[] at = [.. path, key];
            if (!known.Fields.TryGetValue(key, out var expected))
            {
                string hint = NearestName.Find(at, known, root) is { } name ? $" Did you mean {name}?" : "";
                mistakes.Add($"{value.Origin}: There is no setting {ConfigPath.Render(at)}.{hint}");
            }
            else if (value is ConfigObject below && expected is ConfigObject knownBelow)
            {
                if (knownBelow.Fields.Count > 0)
                {
                    Compare(at, below, knownBelow, root, mistakes);
                }
            }
            else if (WantedInstead(value, expected) is { } wanted)
            {
                mistakes.Add($"{value.Origin}: {ConfigPath.Render(at)} is {value.Describe()}, but {wanted} is wanted.");
            }
        }
    }

    /// <summary>What the reference's value stands for; null when the actual value is of that kind.</summary>
    private static string? WantedInstead(ConfigValue actual, ConfigValue expected)
    {
        if (expected.Kind == ConfigKind.Null)
        {
            return null;
        }

        if (expected is not ConfigScalar like)
        {
            bool list = expected is ConfigList;
            return list && (actual is ConfigList || (actual as ConfigObject)?.ToList() is not null) ? null
                : list ? "a list" : "an object";
        }

        string? text = actual is ConfigScalar { Kind: not ConfigKind.Null } scalar ? scalar.Text : null;
        return like.Kind switch
        {
            ConfigKind.Boolean => text is "true" or "yes" or "on" or "false" or "no" or "off" ? null : "true or false",
            ConfigKind.Number => text is not null && Hocon.TextCursor.IsNumber(text.Trim()) ? null : "a number",
            _ when Units.HasTimeUnit(like.Text) => text is not null && Units.TryParseTimeSpan(text, out _)
                ? null : "a time such as 500ms, 30s, 10m, 2h or 7d",
            _ when Units.HasByteUnit(like.Text) => text is not null && Units.TryParseBytes(text, out _)
                ? null : "a size such as 64KiB, 4MiB or 10GB",
            _ => text is not null ? null : "text",
        };
    }
}
