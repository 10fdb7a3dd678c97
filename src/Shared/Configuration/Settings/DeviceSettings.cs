using System.IO.Enumeration;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.worker.devices</c>: which devices are offered, and as what.</summary>
public sealed record DeviceSettings
{
    /// <summary>Patterns of which a device's name must match one.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>Patterns of which it must match none.</summary>
    public required IReadOnlyList<string> Except { get; init; }

    /// <summary>Patterns for names and the model that a device presents as; the first that matches counts.</summary>
    public required IReadOnlyList<PresentsAs> Presented { get; init; }

    /// <summary>True when a device of that name is offered.</summary>
    public bool Offers(string deviceName) =>
        Only.Any(pattern => Matches(pattern, deviceName)) && !Except.Any(pattern => Matches(pattern, deviceName));

    /// <summary>The model that a device of that name presents as; null: what it is.</summary>
    public string? ModelFor(string deviceName) => Presented.FirstOrDefault(p => Matches(p.Pattern, deviceName))?.Model;

    internal static DeviceSettings From(SettingsReader section) => new()
    {
        Only = section.Texts("only"),
        Except = section.Texts("except"),
        Presented = PresentedOf(section),
    };

    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: true);

    private static List<PresentsAs> PresentedOf(SettingsReader section)
    {
        const string path = "presents-as";
        if (!section.Config.HasPath(path))
        {
            return [];
        }

        if (section.Config.GetValue(path) is not ConfigObject byPattern)
        {
            return [new PresentsAs("*", section.Required(path))];
        }

        return [.. byPattern.Fields.Select(field => new PresentsAs(
            field.Key, section.Required($"{path}.{ConfigPath.Render([field.Key])}")))];
    }
}

/// <summary>Devices whose names match present as a model.</summary>
/// <param name="Pattern">With <c>*</c> and <c>?</c>, without regard to case.</param>
/// <param name="Model">The model's name.</param>
public sealed record PresentsAs(string Pattern, string Model);
