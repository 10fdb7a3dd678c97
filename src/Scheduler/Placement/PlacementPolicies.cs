namespace GpuActors.Scheduler.Placement;

/// <summary>The policies that configuration may name.</summary>
public static class PlacementPolicies
{
    private static readonly IPlacementPolicy[] All = [new BestFitPolicy(), new SpreadPolicy()];

    /// <summary>The policy called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that exist.</exception>
    public static IPlacementPolicy Named(string name) =>
        Array.Find(All, policy => policy.Name == name)
        ?? throw new ArgumentException(
            $"There is no placement policy '{name}'; there are: {string.Join(", ", All.Select(p => p.Name))}.");
}
