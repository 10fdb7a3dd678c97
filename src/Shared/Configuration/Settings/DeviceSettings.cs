using System.Globalization;
using System.IO.Enumeration;
using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.worker.devices</c>: which devices are offered, and as what.</summary>
public sealed record DeviceSettings
{
    private static readonly TimeSpan OverrunMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan OverrunMax = TimeSpan.FromDays(1);

    /// <summary>Patterns of which a device's name must match one.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>Patterns of which it must match none.</summary>
    public required IReadOnlyList<string> Except { get; init; }

    /// <summary>Patterns for names and the model that a device presents as; the first that matches counts.</summary>
    public required IReadOnlyList<PresentsAs> Presented { get; init; }

    /// <summary>Patterns for names and the mode that a device is to be in; null: whichever is needed.</summary>
    public required IReadOnlyList<(string Pattern, GpuMode? Mode)> Modes { get; init; }

    /// <summary>Sets of devices, by index, that NVLink connects with each other; a device is in one at most.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> NvLinkGroups { get; init; }

    /// <summary>How those share a GPU that take turns.</summary>
    public required TimeSliceSettings TimeSlice { get; init; }

    /// <summary>The mode that a device of one of these names is to be in; null: whichever is needed.</summary>
    public GpuMode? ModeFor(params ReadOnlySpan<string> names)
    {
        foreach (var (pattern, mode) in Modes)
        {
            foreach (var name in names)
            {
                if (Matches(pattern, name))
                {
                    return mode;
                }
            }
        }

        return null;
    }

    /// <summary>True when a device of that name is offered.</summary>
    public bool Offers(string deviceName) =>
        Only.Any(pattern => Matches(pattern, deviceName)) && !Except.Any(pattern => Matches(pattern, deviceName));

    /// <summary>The model that a device of that name presents as; null: what it is.</summary>
    public string? ModelFor(string deviceName) => Presented.FirstOrDefault(p => Matches(p.Pattern, deviceName))?.Model;

    internal static DeviceSettings From(SettingsReader section)
    {
        var turns = TimeSliceOf(section.Section("time-slice"));
        return new DeviceSettings
        {
            Only = section.Texts("only"),
            Except = section.Texts("except"),
            Presented = [.. ByPattern(section, "presents-as").Select(entry => new PresentsAs(entry.Pattern, entry.Value))],
            Modes = [.. ByPattern(section, "mode").Select(entry => (entry.Pattern, ModeOf(section, entry, turns.Policy)))],
            NvLinkGroups = NvLinkGroupsOf(section),
            TimeSlice = turns,
        };
    }

    /// <summary>The number of the group that a device is in; null if it is in none.</summary>
    public int? NvLinkGroupOf(int index)
    {
        for (var group = 0; group < NvLinkGroups.Count; group++)
        {
            if (NvLinkGroups[group].Contains(index))
            {
                return group;
            }
        }

        return null;
    }

    private static IReadOnlyList<int>[] NvLinkGroupsOf(SettingsReader section)
    {
        const string path = "nvlink-groups";
        const string wanted = "lists of indexes of devices, each index in one of them, such as [[0, 1], [2, 3]],";
        var groups = new List<IReadOnlyList<int>>();
        foreach (var item in (section.Config.GetValue(path) as ConfigList ?? throw section.Wrong(path, wanted)).Items)
        {
            var group = item as ConfigList ?? throw section.Wrong(path, wanted);
            groups.Add([.. group.Items.Select(index => index is ConfigScalar scalar
                && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number : throw section.Wrong(path, wanted))]);
        }

        var all = groups.SelectMany(group => group).ToArray();
        return all.Distinct().Count() == all.Length ? [.. groups] : throw section.Wrong(path, wanted);
    }

    private static GpuMode? ModeOf(SettingsReader section, (string Path, string Pattern, string Value) entry, SharePolicy policy)
    {
        if (entry.Value == "auto")
        {
            return null;
        }

        if (!GpuModes.TryParse(entry.Value, out var mode))
        {
            throw section.Wrong(entry.Path, $"auto or one of {string.Join(", ", GpuModes.All)}");
        }

        return mode != GpuMode.VgpuMixed || policy != SharePolicy.FixedShare ? mode : throw section.Wrong(
            entry.Path, "another mode: vGPUs of different sizes can't have fixed shares (time-slice.policy),");
    }

    private static TimeSliceSettings TimeSliceOf(SettingsReader section)
    {
        var overrunMax = section.OptionalTime("overrun-max", OverrunMin, OverrunMax);
        if (section.Optional("registry-value") is { } value)
        {
            return FromRegistry(section, value) with { OverrunMax = overrunMax };
        }

        var policy = section.Choice("policy", "best-effort", "equal-share", "fixed-share") switch
        {
            "equal-share" => SharePolicy.EqualShare,
            "fixed-share" => SharePolicy.FixedShare,
            _ => SharePolicy.BestEffort,
        };
        return new TimeSliceSettings
        {
            Policy = policy,
            StrictRoundRobin = section.Flag("strict-round-robin"),
            FrequencyHz = section.Optional("frequency") is null
                ? null
                : section.Number("frequency", TimeSliceSettings.FrequencyMin, TimeSliceSettings.FrequencyMax),
            Slice = section.OptionalTime("slice", TimeSliceSettings.SliceMin, TimeSliceSettings.SliceMax),
            AveragingFactor = section.Number("averaging-factor", 1, TimeSliceSettings.AveragingFactorMax),
            OverrunMax = overrunMax,
        };
    }

    private static TimeSliceSettings FromRegistry(SettingsReader section, string value)
    {
        var digits = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? value[2..] : "";
        try
        {
            return TimeSliceSettings.FromRegistry(uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw section.Wrong("registry-value", "a value of RmPVMRL such as 0x00, 0x01, 0x11 or 0x00030003");
        }
    }

    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: true);

    /// <summary>One value for all devices, or an object of patterns and values; nothing if it is null.</summary>
    private static List<(string Path, string Pattern, string Value)> ByPattern(SettingsReader section, string path)
    {
        if (!section.Config.HasPath(path))
        {
            return [];
        }

        if (section.Config.GetValue(path) is not ConfigObject byPattern)
        {
            return [(path, "*", section.Required(path))];
        }

        return [.. byPattern.Fields.Select(field => $"{path}.{ConfigPath.Render([field.Key])}").Zip(
            byPattern.Fields, (inner, field) => (inner, field.Key, section.Required(inner)))];
    }
}

/// <summary>Devices whose names match present as a model.</summary>
/// <param name="Pattern">With <c>*</c> and <c>?</c>, without regard to case.</param>
/// <param name="Model">The model's name.</param>
public sealed record PresentsAs(string Pattern, string Model);
