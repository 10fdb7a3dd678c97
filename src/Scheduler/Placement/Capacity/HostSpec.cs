namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>What a host has when it is empty.</summary>
/// <param name="CpuMilli">CPU in thousandths of a core.</param>
/// <param name="MemoryMib">Host memory in MiB.</param>
/// <param name="GpuCount">How many GPUs, at most 64.</param>
/// <param name="Model">Their model.</param>
public sealed record HostSpec(int CpuMilli, int MemoryMib, int GpuCount, string Model)
{
    /// <summary>The most GPUs that one host may have: a set of them is kept as bits.</summary>
    public const int GpuLimit = 64;

    /// <summary>Its name, for people; empty if it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it stands; hosts of one rack are near each other. Empty: nobody knows.</summary>
    public string Rack { get; init; } = "";

    /// <summary>Further labels, each <c>KEY=VALUE</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Which of its GPUs belong together.</summary>
    public LinkGroups Links { get; init; } = LinkGroups.One;

    /// <summary>The labels by which terms find it, its name and its rack among them.</summary>
    internal IEnumerable<string> AllLabels => [.. Name.Length > 0 ? [$"name={Name}"] : Array.Empty<string>(),
        .. Rack.Length > 0 ? [$"rack={Rack}"] : Array.Empty<string>(), .. Labels];
}
