using GpuActors.Scheduler.Placement.Constraints;

namespace GpuActors.Scheduler.Placement.Explaining;

/// <summary>What keeps a request off a host, in the order in which it is looked at.</summary>
public enum BarrierKind
{
    /// <summary>The host may be given nothing: it is lost, draining or leaving.</summary>
    Closed,

    /// <summary>Its GPUs are of another model.</summary>
    Model,

    /// <summary>A term that says must.</summary>
    Term,

    /// <summary>It has less CPU in all than is asked for.</summary>
    CpuInAll,

    /// <summary>It has less memory in all than is asked for.</summary>
    MemoryInAll,

    /// <summary>It has fewer GPUs in all than are asked for.</summary>
    GpusInAll,

    /// <summary>Too little CPU is free.</summary>
    Cpu,

    /// <summary>Too little memory is free.</summary>
    Memory,

    /// <summary>Too few of its GPUs have enough free.</summary>
    Gpu,

    /// <summary>GPUs that fit don't belong together.</summary>
    Topology,
}

/// <summary>One thing that keeps a request off hosts.</summary>
/// <param name="Kind">What.</param>
/// <param name="Term">The term; null for other kinds.</param>
/// <param name="Hosts">Off how many hosts, each counted where it stands in the order of <see cref="BarrierKind"/> first.</param>
/// <param name="AloneHosts">On how many hosts it is the only one: they would take the request without it.</param>
public sealed record Barrier(BarrierKind Kind, PlacementTerm? Term, int Hosts, int AloneHosts);
