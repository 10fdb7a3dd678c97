using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.worker.host</c>: what is told of the host beside its devices.</summary>
public sealed record WorkerHostSettings
{
    private const int MilliPerCore = 1000;
    private const double CoresMax = 1_000_000;
    private const int LabelsMax = JobLimits.Labels;
    private static readonly string[] Reserved = ["name", "rack"];

    /// <summary>CPU that jobs may take, in thousandths of a core; null: what the machine has.</summary>
    public required int? CpuMilli { get; init; }

    /// <summary>Memory that jobs may take; null: what the machine has.</summary>
    public required long? MemoryBytes { get; init; }

    /// <summary>Where it stands; empty: nobody says.</summary>
    public required string Rack { get; init; }

    /// <summary>Further labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    internal static WorkerHostSettings From(SettingsReader section) => new()
    {
        CpuMilli = section.Optional("cpus") is null ? null : CpusOf(section),
        MemoryBytes = section.Optional("memory") is null ? null : section.Bytes("memory", Limits.Mebibyte),
        Rack = RackOf(section),
        Labels = LabelsOf(section),
    };

    private static int CpusOf(SettingsReader section)
    {
        const string path = "cpus";
        var cores = section.Config.GetDouble(path);
        return cores * MilliPerCore >= 1 && cores <= CoresMax
            ? (int)Math.Floor((cores * MilliPerCore) + 1e-6)
            : throw section.Wrong(path, $"a number of cores from 0.001 to {CoresMax:0}");
    }

    private static string RackOf(SettingsReader section)
    {
        const string path = "rack";
        var rack = section.Optional(path) ?? "";
        return Names.IsKeyAndValue($"{path}={rack}")
            ? rack : throw section.Wrong(path, $"a text of at most {JobLimits.LabelLength} characters");
    }

    private static Dictionary<string, string> LabelsOf(SettingsReader section)
    {
        const string path = "labels";
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in ((ConfigObject)section.Config.GetValue(path)).Fields.Keys)
        {
            var at = $"{path}.{ConfigPath.Render([key])}";
            if (section.Config.GetValue(at) is ConfigObject)
            {
                throw section.Wrong(at, "text; write a key that has dots in quotes,");
            }

            var value = section.Text(at);
            if (Reserved.Contains(key))
            {
                throw section.Wrong(at, "another key: a host has the labels name (worker.name) and rack (worker.host.rack) anyway,");
            }

            if (!Names.IsKeyAndValue($"{key}={value}"))
            {
                throw section.Wrong(
                    at,
                    "a label: a key of 1 to 63 characters of A-Z a-z 0-9 . _ / -, the first a letter or digit, and a value of "
                    + $"at most {JobLimits.LabelLength} characters,");
            }

            labels[key] = value;
        }

        return labels.Count <= LabelsMax ? labels : throw section.Wrong(path, $"at most {LabelsMax} labels");
    }
}
