namespace GpuActors.Scheduler.Placement;

/// <summary>The policies that configuration may name.</summary>
public static class CellPolicies
{
    private static readonly ICellPolicy[] All = [new CellBestFit(), new CellSpread()];

    /// <summary>The policy called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that exist.</exception>
    public static ICellPolicy Named(string name) =>
        Array.Find(All, policy => policy.Name == name)
        ?? throw new ArgumentException(
            $"There is no placement policy '{name}'; there are: {string.Join(", ", All.Select(p => p.Name))}.");
}
