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
}
