namespace GpuActors.Shared.Jobs;

/// <summary>What several GPUs of one job must have in common, besides their host.</summary>
public enum GpuTopology
{
    /// <summary>Nothing.</summary>
    Host,

    /// <summary>Their NVLink or PCIe group.</summary>
    NvLink,

    /// <summary>Their NUMA node.</summary>
    Numa,
}
