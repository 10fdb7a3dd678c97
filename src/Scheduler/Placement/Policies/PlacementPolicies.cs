using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies.Learned;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>What policies are made from.</summary>
/// <param name="Cluster">The cluster for which they decide.</param>
public sealed record PolicySettings(ClusterState Cluster)
{
    /// <summary>The tasks that are expected; FGD needs them.</summary>
    public TargetWorkload Target { get; init; } = TargetWorkload.Empty;

    /// <summary>For policies that throw dice.</summary>
    public ulong Seed { get; init; } = 42;
}

/// <summary>The policies by the names that configuration and commands use.</summary>
public static class PlacementPolicies
{
    private static readonly SortedDictionary<string, Func<PolicySettings, IPlacementPolicy>> Known =
        new(StringComparer.Ordinal)
        {
            ["best-fit"] = _ => new BestFitPolicy(),
            ["clustering"] = _ => new ClusteringPolicy(),
            ["default"] = settings => new PricedPatternPolicy(settings.Cluster.HostShapes),
            ["dot-prod"] = _ => new DotProdPolicy(),
            ["fgd"] = settings => new FgdPolicy(settings.Target, settings.Cluster.Models),
            ["packing"] = _ => new PackingPolicy(),
            ["random"] = settings => new RandomPolicy(settings.Seed),
            ["spread"] = _ => new SpreadPolicy(),
        };

    /// <summary>All names, sorted.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>The policy called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that exist.</exception>
    public static IPlacementPolicy Create(string name, PolicySettings settings) =>
        Known.TryGetValue(name, out var create)
            ? create(settings)
            : throw new ArgumentException($"There is no placement policy '{name}'; there are: {string.Join(", ", Names)}.");
}
