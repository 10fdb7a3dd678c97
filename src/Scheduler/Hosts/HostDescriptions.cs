using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Hosts;

/// <summary>What the API tells of a host beside its GPUs.</summary>
internal static class HostDescriptions
{
    private const double MilliPerCore = 1000;

    /// <summary>The host's twin's word, with what its cell knows of CPU and memory.</summary>
    public static HostStatus Of(HostStatus status, CellInventory inventory) =>
        Array.Find(inventory.Hosts ?? [], use => use.Host == status.Name) is not { } use ? status
            : Of(status, use.Machine) with
            {
                CoresFree = use.Machine.CpuMilli > 0 ? use.CpuFreeMilli / MilliPerCore : null,
                MemoryFreeBytes = use.Machine.MemoryBytes > 0 ? use.MemoryFreeBytes : null,
            };

    /// <summary>What its worker said when it registered.</summary>
    public static HostStatus Of(HostStatus status, HostInventory machine) => status with
    {
        Cores = machine.CpuMilli > 0 ? machine.CpuMilli / MilliPerCore : null,
        MemoryTotalBytes = machine.MemoryBytes > 0 ? machine.MemoryBytes : null,
        Gateway = machine.Gateway,
        Rack = machine.Rack.Length > 0 ? machine.Rack : null,
        Labels = machine.Labels.Select(label => label.Split('=', 2)).Where(parts => parts.Length == 2)
            .DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal),
    };
}
