using System.Globalization;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// What keeps a request off hosts whatever their GPUs: terms that say must, CPU and memory. Each host counts for the first
/// thing that does.
/// </summary>
internal sealed class HostBarriers(CellState cell, GpuRequest request, HostNeeds needs)
{
    private readonly PlacementTerm[] _musts = Array.FindAll(needs.Terms, term => term.IsMust);
    private readonly Dictionary<PlacementTerm, int> _offByTerm = [];
    private readonly int[] _counts = new int[Enum.GetValues<Lack>().Length];
    private int _mostCpuMilli;
    private long _mostMemoryBytes;

    private enum Lack
    {
        None,
        CpuUnknown,
        CpuInAll,
        MemoryUnknown,
        MemoryInAll,
        Overtaken,
        Cpu,
        Memory,
    }

    /// <summary>Something keeps the request off the host; it is counted.</summary>
    public bool IsOff(string host)
    {
        var number = cell.Capacity.NumberOf(host);
        if (Array.Find(_musts, term => !Feasibility.IsMet(cell.Capacity.State, number, term)) is { } term)
        {
            _offByTerm[term] = _offByTerm.GetValueOrDefault(term) + 1;
            return true;
        }

        var lack = LackOf(host);
        _counts[(int)lack]++;
        _mostCpuMilli = Math.Max(_mostCpuMilli, cell.Capacity.MachineOf(host).CpuMilli);
        _mostMemoryBytes = Math.Max(_mostMemoryBytes, cell.Capacity.MachineOf(host).MemoryBytes);
        return lack != Lack.None;
    }

    /// <summary>The host, and so many GPUs that belong together, would serve if nothing ran there.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="gpus">Its GPUs that would, as bits.</param>
    public bool CouldServe(string host, ulong gpus)
    {
        var (state, number, machine) =
            (cell.Capacity.State, cell.Capacity.NumberOf(host), cell.Capacity.MachineOf(host));
        return machine.CpuMilli >= needs.CpuMilli
            && machine.MemoryBytes >= needs.MemoryBytes
            && Array.TrueForAll(_musts, term => term.Subject == TermSubject.Host
                ? Feasibility.IsMet(state, number, term) : !term.IsNear)
            && BelongTogether(host, gpus);
    }

    /// <summary>So many of these GPUs as are asked for belong together.</summary>
    public bool BelongTogether(string host, ulong gpus) =>
        cell.Capacity.State.SpecOf(cell.Capacity.NumberOf(host)).Links.Choose(
            CellCapacity.TopologyOf(request.Topology), gpus, request.Count) != 0;

    /// <summary>All that was counted.</summary>
    public IEnumerable<PlacementReason> Reasons()
    {
        foreach (var (term, count) in _offByTerm.OrderBy(off => Array.IndexOf(_musts, off.Key)))
        {
            yield return new PlacementReason(count, $"host(s) {TermWords.Unmet(term)}");
        }

        for (var lack = Lack.CpuUnknown; (int)lack < _counts.Length; lack++)
        {
            if (_counts[(int)lack] is > 0 and var count)
            {
                yield return new PlacementReason(count, Words(lack));
            }
        }
    }

    private Lack LackOf(string host)
    {
        var machine = cell.Capacity.MachineOf(host);
        var (cpuFree, memoryFree) = cell.Capacity.SharedFree(host);
        return needs.CpuMilli > 0 && machine.CpuMilli <= 0 ? Lack.CpuUnknown
            : machine.CpuMilli < needs.CpuMilli ? Lack.CpuInAll
            : needs.MemoryBytes > 0 && machine.MemoryBytes <= 0 ? Lack.MemoryUnknown
            : machine.MemoryBytes < needs.MemoryBytes ? Lack.MemoryInAll
            : cpuFree < 0 || memoryFree < 0 ? Lack.Overtaken
            : cpuFree < needs.CpuMilli ? Lack.Cpu
            : memoryFree >> 20 < needs.MemoryMib ? Lack.Memory
            : Lack.None;
    }

    private string Words(Lack lack) => lack switch
    {
        Lack.CpuUnknown => "host(s) that don't tell how much CPU they have",
        Lack.CpuInAll => $"host(s) with less CPU than asked for (the largest has {Cores(_mostCpuMilli)})",
        Lack.MemoryUnknown => "host(s) that don't tell how much memory they have",
        Lack.MemoryInAll =>
            $"host(s) with less host memory than asked for (the largest has {Explaining.Amount.Memory(HostNeeds.MibOf(_mostMemoryBytes))})",
        Lack.Overtaken => "host(s) that came back with less CPU or memory than their sessions have, until these end",
        Lack.Cpu => "host(s) with too little CPU free now",
        _ => "host(s) with too little host memory free now",
    };

    private static string Cores(int milli) =>
        string.Create(CultureInfo.InvariantCulture, $"{milli / 1000.0:0.###} cores");
}
