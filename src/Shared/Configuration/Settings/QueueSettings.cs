using System.IO.Enumeration;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.scheduler.queues</c>: who is served first, and what is kept for whom.</summary>
public sealed record QueueTreeSettings
{
    /// <summary>The longest that a job may have to yield.</summary>
    public static readonly TimeSpan LongestGrace = Limits.Hour;

    private const string Tree = "tree";

    /// <summary>Jobs that don't say whether they may be preempted by those of higher priority may be.</summary>
    public required bool Preemptible { get; init; }

    /// <summary>How long a job that has to yield may go on when its document does not say.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>How often the first of a queue that finds no room is passed where nobody knows when there will be.</summary>
    public required int PassLimit { get; init; }

    /// <summary>A session goes before all that came later once so many others were served.</summary>
    public required int DueAfter { get; init; }

    /// <summary>And so many times as many as waited when it came.</summary>
    public required int Patience { get; init; }

    /// <summary>The queues; those above before those below.</summary>
    public required IReadOnlyList<QueueNodeSettings> Queues { get; init; }

    /// <summary>
    /// The queue of a tenant that names none: the first that lists it by name or pattern, otherwise default.
    /// </summary>
    public string QueueOf(string tenant) =>
        Queues.FirstOrDefault(queue => queue.Lists(tenant))?.Name ?? QueueNodeSettings.DefaultName;

    /// <summary>The queue of that name; null if there is none.</summary>
    public QueueNodeSettings? Find(string queue) => Queues.FirstOrDefault(known => known.Name == queue);

    internal static QueueTreeSettings From(SettingsReader section)
    {
        var queues = new List<QueueNodeSettings>();
        foreach (var name in section.Config.GetConfig(Tree).Root.Fields.Keys)
        {
            if (!Names.IsName(name))
            {
                throw section.Wrong(Tree, $"queues by name (1 to 64 letters, digits, . _ and -); '{name}' is no name");
            }

            queues.Add(QueueNodeSettings.From(name, section.Section($"{Tree}.\"{name}\"")));
        }

        return new QueueTreeSettings
        {
            Preemptible = section.Flag("preemptible"),
            Grace = section.Time("grace", TimeSpan.Zero, LongestGrace),
            PassLimit = section.Number("pass-limit", 0),
            DueAfter = section.Number("due-after", 1),
            Patience = section.Number("patience", 0, 1_000_000),
            Queues = Ordered(queues, section),
        };
    }

    private static List<QueueNodeSettings> Ordered(List<QueueNodeSettings> queues, SettingsReader section)
    {
        if (!queues.Exists(queue => queue.Name == QueueNodeSettings.DefaultName))
        {
            queues.Add(QueueNodeSettings.Default);
        }

        var ordered = new List<QueueNodeSettings>();
        while (ordered.Count < queues.Count)
        {
            var next = queues.FindAll(queue => !ordered.Contains(queue)
                && (queue.Parent is null || ordered.Exists(above => above.Name == queue.Parent)));
            if (next.Count == 0)
            {
                var wrong = queues.First(queue => !ordered.Contains(queue));
                throw section.Wrong(
                    $"{Tree}.\"{wrong.Name}\".parent", "the name of another queue that is not below this one");
            }

            ordered.AddRange(next);
        }

        return ordered;
    }
}

/// <summary>One queue of <c>gpuactors.scheduler.queues.tree</c>.</summary>
public sealed record QueueNodeSettings
{
    /// <summary>The queue that is there in any case.</summary>
    public const string DefaultName = "default";

    internal static readonly QueueNodeSettings Default = new() { Name = DefaultName };

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The queue that it is a part of; null: none.</summary>
    public string? Parent { get; init; }

    /// <summary>Patterns of tenants that are its own; others may use it if it lists none.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [];

    /// <summary>What is kept for it; null: nothing.</summary>
    public QueueAmount? Quota { get; init; }

    /// <summary>The most that it uses; null: no limit beside the quota.</summary>
    public QueueAmount? Limit { get; init; }

    /// <summary>It may use more than its quota while nobody else wants that.</summary>
    public bool Borrow { get; init; }

    /// <summary>Its part among those of one parent.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Sessions of one tenant that hold GPUs at a time.</summary>
    public int MaxRunning { get; init; } = int.MaxValue;

    /// <summary>Sessions of one tenant that wait at a time.</summary>
    public int MaxWaiting { get; init; } = int.MaxValue;

    /// <summary>GPUs of one tenant at a time, in thousandths.</summary>
    public long MaxGpuMilli { get; init; } = long.MaxValue;

    /// <summary>The tenant may use it.</summary>
    public bool Admits(string tenant) => Tenants.Count == 0 || Lists(tenant);

    /// <summary>The tenant is one of its own.</summary>
    public bool Lists(string tenant) => Tenants.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, tenant, false));

    internal static QueueNodeSettings From(string name, SettingsReader section)
    {
        QueueAmount.Allow(section.Config, "parent", "tenants", "quota", "limit", "borrow", "weight", "per-tenant");
        var tenant = section.Has("per-tenant") ? section.Section("per-tenant") : null;
        if (tenant is not null)
        {
            QueueAmount.Allow(tenant.Config, "max-running", "max-waiting", "max-gpus");
        }

        return new QueueNodeSettings
        {
            Name = name,
            Parent = section.Has("parent") ? section.Required("parent") : null,
            Tenants = section.Has("tenants") ? section.Texts("tenants") : [],
            Quota = section.Has("quota") ? QueueAmount.From(section.Section("quota")) : null,
            Limit = section.Has("limit") ? QueueAmount.From(section.Section("limit")) : null,
            Borrow = section.Has("borrow") && section.Flag("borrow"),
            Weight = WeightOf(section),
            MaxRunning = tenant?.Has("max-running") == true ? tenant.Number("max-running", 0) : int.MaxValue,
            MaxWaiting = tenant?.Has("max-waiting") == true ? tenant.Number("max-waiting", 0) : int.MaxValue,
            MaxGpuMilli = tenant?.Has("max-gpus") == true ? QueueAmount.Milli(tenant, "max-gpus") : long.MaxValue,
        };
    }

    private static double WeightOf(SettingsReader section)
    {
        var weight = section.Config.GetDouble("weight", 1);
        return weight is >= 0.001 and <= 1_000_000 ? weight
            : throw section.Wrong("weight", "a number from 0.001 to 1000000");
    }
}

/// <summary>An amount of what is shared out; what is not given is not limited.</summary>
/// <param name="GpuMilli">GPUs in thousandths.</param>
/// <param name="GpuMemoryBytes">Device memory.</param>
/// <param name="CpuMilli">Processors in thousandths.</param>
/// <param name="HostMemoryBytes">Memory of hosts.</param>
public sealed record QueueAmount(long GpuMilli, long GpuMemoryBytes, long CpuMilli, long HostMemoryBytes)
{
    private const double MostUnits = 1e9;

    internal static QueueAmount From(SettingsReader section)
    {
        Allow(section.Config, "gpus", "gpu-memory", "cpus", "memory");
        return new QueueAmount(
            section.Has("gpus") ? Milli(section, "gpus") : long.MaxValue,
            section.Has("gpu-memory") ? section.Bytes("gpu-memory", 0) : long.MaxValue,
            section.Has("cpus") ? Milli(section, "cpus") : long.MaxValue,
            section.Has("memory") ? section.Bytes("memory", 0) : long.MaxValue);
    }

    internal static long Milli(SettingsReader section, string path)
    {
        var number = section.Config.GetDouble(path);
        return number is >= 0 and <= MostUnits ? (long)Math.Round(number * 1000)
            : throw section.Wrong(path, "a number of at least 0, such as 8 or 0.5");
    }

    internal static void Allow(Config config, params ReadOnlySpan<string> keys)
    {
        foreach (var (key, value) in config.Root.Fields)
        {
            if (!keys.Contains(key))
            {
                throw new ConfigException(
                    $"{value.Origin}: {key} is not known in a queue of gpuactors.scheduler.queues.tree; known are "
                    + $"{string.Join(", ", keys!)}.",
                    value.Origin);
            }
        }
    }
}
