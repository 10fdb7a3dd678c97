using GpuActors.Scheduler.Placement.Capacity;

namespace GpuActors.Scheduler.Simulation.Traces;

/// <summary>A host of a trace.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CpuMilli">CPU in thousandths of a core.</param>
/// <param name="MemoryMib">Memory in MiB.</param>
/// <param name="GpuCount">How many GPUs.</param>
/// <param name="Model">Their model.</param>
public sealed record TraceNode(string Name, int CpuMilli, int MemoryMib, int GpuCount, string Model)
{
    /// <summary>Where it stands; empty: nobody says.</summary>
    public string Rack { get; init; } = "";

    /// <summary>The host as placement knows it.</summary>
    public HostSpec Spec => new(CpuMilli, MemoryMib, GpuCount, Model) { Name = Name, Rack = Rack };
}
