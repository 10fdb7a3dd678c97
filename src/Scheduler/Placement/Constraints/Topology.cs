namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>What several GPUs of one task must have in common, besides their host.</summary>
public enum Topology
{
    /// <summary>Nothing.</summary>
    Host,

    /// <summary>Their NVLink or PCIe group.</summary>
    NvLink,

    /// <summary>Their NUMA node.</summary>
    Numa,
}
