using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing.Quotas;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <content>What hosts have beside GPUs, so that nothing is reserved, and nobody leaves, where a unit can't go.</content>
public sealed partial class PoolLoad
{
    private readonly Dictionary<string, HostUse> _machines = new(StringComparer.Ordinal);

    /// <summary>
    /// All hosts of a cell, anew; CPU and memory of those that may be given slices count as the pool's. Those that belong
    /// to another cell are its to tell of.
    /// </summary>
    public void SetMachines(int cell, IReadOnlyList<HostUse> hosts)
    {
        foreach (var (name, former) in _machines)
        {
            if (_split.NumberOfHost(name) == cell)
            {
                Capacity -= SharedBy(former);
                _machines.Remove(name);
            }
        }

        foreach (var host in hosts)
        {
            if (_split.NumberOfHost(host.Host) == cell)
            {
                _machines[host.Host] = host;
                Capacity += SharedBy(host);
            }
        }
    }

    /// <summary>These devices, and those of hosts where a unit could not go if they were empty.</summary>
    public IReadOnlySet<string> WithUnfit(IReadOnlySet<string> devices, WaitingUnit unit)
    {
        var needs = unit.Members[0].Needs;
        if (needs.CpuMilli == 0 && needs.MemoryBytes == 0 && !Array.Exists(needs.Terms, term => term.IsMust))
        {
            return devices;
        }

        var all = new HashSet<string>(devices, StringComparer.Ordinal);
        foreach (var (host, of) in _hosts)
        {
            if (!_machines.TryGetValue(host, out var machine) || !CouldServe(machine, needs))
            {
                all.UnionWith(of.Select(device => device.Name));
            }
        }

        return all;
    }

    /// <summary>Who holds slices of a host's devices, each once.</summary>
    public IEnumerable<RunningSession> SessionsOn(string host) => _hosts.TryGetValue(host, out var devices)
        ? devices.SelectMany(device => device.Slices).Select(held => held.Session).DistinctBy(held => held.Session)
        : [];

    /// <summary>A host has the CPU and memory that are asked for, once some of its sessions have left.</summary>
    /// <param name="host">The host.</param>
    /// <param name="demand">What is asked for; what it says of GPUs does not count here.</param>
    /// <param name="gone">Those who will have left.</param>
    public bool HasShared(string host, in ResourceVector demand, Func<RunningSession, bool> gone)
    {
        if (!demand.TakesOfHost)
        {
            return true;
        }

        if (!_machines.TryGetValue(host, out var machine))
        {
            return false;
        }

        var free = new ResourceVector(0, 0, machine.Machine.CpuMilli, machine.Machine.MemoryBytes);
        foreach (var session in SessionsOn(host))
        {
            free -= gone(session) ? ResourceVector.Zero : session.HostTaken;
        }

        return demand.CpuMilli <= free.CpuMilli && demand.HostMemoryBytes <= free.HostMemoryBytes;
    }

    /// <summary>Only what is known here: who else runs there is not looked at.</summary>
    private static bool CouldServe(HostUse host, HostNeeds needs) =>
        host.Machine.CpuMilli >= needs.CpuMilli
        && host.Machine.MemoryBytes >= needs.MemoryBytes
        && Array.TrueForAll(needs.Terms, term => !term.IsMust || term.Subject != TermSubject.Host
            || term.IsNear == HasLabel(host, term.Label));

    private static ResourceVector SharedBy(HostUse host) => host.Available
        ? new ResourceVector(0, 0, host.Machine.CpuMilli, host.Machine.MemoryBytes) : ResourceVector.Zero;

    private static bool HasLabel(HostUse host, string label) =>
        label == $"name={host.Host}" || (host.Machine.Rack.Length > 0 && label == $"rack={host.Machine.Rack}")
        || host.Machine.Labels.Contains(label);
}
