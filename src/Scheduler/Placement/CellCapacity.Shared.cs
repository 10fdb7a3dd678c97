using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <content>
/// What the sessions of a host share beside its GPUs: CPU and memory, labels, where it stands. What is taken is known by
/// the host's name, also before the host has reported anything and while it is away.
/// </content>
public sealed partial class CellCapacity
{
    /// <summary>Labels of a host that count; more is no worker's doing.</summary>
    private const int LabelsLimit = 64;
    private const int MibBits = 20;

    private readonly Dictionary<string, HostInventory> _machines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostLoad> _loads = new(StringComparer.Ordinal);

    /// <summary>What a host has beside GPUs, as it was reported last.</summary>
    public HostInventory MachineOf(string host) => _machines.GetValueOrDefault(host, HostInventory.Unknown);

    /// <summary>
    /// CPU (thousandths of a core) and memory (bytes) that no session has; below 0 where the host came back with less
    /// than they have, so that it is given nothing until that has changed; 0 where nobody knows what there is.
    /// </summary>
    public (long CpuMilli, long MemoryBytes) SharedFree(string host)
    {
        var machine = MachineOf(host);
        var load = _loads.GetValueOrDefault(host);
        return (
            machine.CpuMilli > 0 ? machine.CpuMilli - (load?.CpuMilli ?? 0) : 0,
            machine.MemoryBytes > 0 ? WholeMib(machine.MemoryBytes) - (load?.MemoryBytes ?? 0) : 0);
    }

    /// <summary>A session has its slices on a host, and takes this beside. Takes effect with <see cref="Touch"/>.</summary>
    internal void Take(string host, string session, HostTaken? taken)
    {
        if (!_loads.TryGetValue(host, out var load))
        {
            _loads[host] = load = new HostLoad();
        }

        var labels = HostNeeds.LabelsOf(session, taken?.Labels);
        load.Labels[session] = labels;
        load.CpuMilli += taken?.CpuMilli ?? 0;
        load.MemoryBytes += (long)HostNeeds.MibOf(taken?.MemoryBytes ?? 0) << MibBits;
        if (_numbers.TryGetValue(host, out var number))
        {
            State.CountLabels(number, labels, 1);
        }
    }

    /// <summary>It gives back what it took.</summary>
    internal void Give(string host, string session, HostTaken? taken)
    {
        var load = _loads[host];
        load.CpuMilli -= taken?.CpuMilli ?? 0;
        load.MemoryBytes -= (long)HostNeeds.MibOf(taken?.MemoryBytes ?? 0) << MibBits;
        if (load.Labels.Remove(session, out var labels) && _numbers.TryGetValue(host, out var number))
        {
            State.CountLabels(number, labels, -1);
        }

        if (load.Labels.Count == 0)
        {
            _loads.Remove(host);
        }
    }

    private void CountLabels(string host, int change)
    {
        if (_loads.TryGetValue(host, out var load))
        {
            foreach (var labels in load.Labels.Values)
            {
                State.CountLabels(_numbers[host], labels, change);
            }
        }
    }

    private static HostSpec SpecOf(string host, GpuState[] gpus, HostInventory machine) => new(
        Math.Max(0, machine.CpuMilli),
        (int)Math.Clamp(machine.MemoryBytes >> MibBits, 0, int.MaxValue),
        gpus.Length,
        string.Join('+', gpus.Select(gpu => gpu.Model.Name).Distinct()))
    {
        Name = host,
        Rack = machine.Rack,
        Labels = [.. machine.Labels.Where(IsFree).Take(LabelsLimit)],
        Links = LinkGroups.Of(
            Groups(gpus, gpu => gpu.NvLinkGroup), Array.TrueForAll(gpus, gpu => gpu.Inventory.NumaNode is null)
                ? new int[gpus.Length] : Groups(gpus, gpu => gpu.NumaNode)),
    };

    /// <summary>A host is known by its own name, and stands where it says as its rack, and nowhere else.</summary>
    private static bool IsFree(string label) =>
        !label.StartsWith("name=", StringComparison.Ordinal) && !label.StartsWith("rack=", StringComparison.Ordinal);

    /// <summary>A device of which nobody knows the group is in one of its own.</summary>
    private static int[] Groups(GpuState[] gpus, Func<GpuInventory, int?> group) =>
        [.. gpus.Select((gpu, index) => group(gpu.Inventory) is >= 0 and var known ? known : -1 - index)];

    /// <summary>A document's topology in the engine's words.</summary>
    internal static Topology TopologyOf(GpuTopology topology) => topology switch
    {
        GpuTopology.NvLink => Topology.NvLink,
        GpuTopology.Numa => Topology.Numa,
        _ => Topology.Host,
    };

    private static long WholeMib(long bytes) => bytes >> MibBits << MibBits;

    /// <summary>What sessions have of a host.</summary>
    private sealed class HostLoad
    {
        public long CpuMilli { get; set; }

        public long MemoryBytes { get; set; }

        public Dictionary<string, TaskLabels> Labels { get; } = new(StringComparer.Ordinal);
    }
}
