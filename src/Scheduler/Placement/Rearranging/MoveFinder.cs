using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Rearranging;

/// <summary>Lists ways to make room for one request, by numbers alone; <see cref="Trial"/> proves them.</summary>
internal sealed class MoveFinder(PlacementEngine engine, RunningTasks tasks)
{
    private const int CandidatesLimit = 20_000;

    private readonly ClusterState _state = engine.State;
    private readonly List<int> _movable = [];
    private readonly HashSet<RequestClass> _movableClasses = [];
    private readonly Dictionary<(int Gpus, int Milli), List<int>> _ofShape = [];
    private readonly List<(int CostMilli, int Task)> _displaceable = [];
    private RequestClass _request = null!;
    private int _hostMemoryMib;

    /// <summary>The request for which room is to be made.</summary>
    public void Begin(RequestClass request, int hostMemoryMib)
    {
        (_request, _hostMemoryMib) = (request, hostMemoryMib);
        _movable.Clear();
        _movableClasses.Clear();
        foreach (var asked in tasks.Classes)
        {
            if (IsSmaller(asked, request) && engine.TryChoose(asked, 0, out _))
            {
                _movableClasses.Add(asked);
                _movable.AddRange(tasks.OfClass(asked));
            }
        }

        _movable.Sort(); // whatever the order of the classes in their table
    }

    /// <summary>One task that has room elsewhere leaves.</summary>
    public void AddSingles(List<Candidate> found)
    {
        foreach (var task in _movable)
        {
            ref readonly var placed = ref tasks.Ref(task);
            if (FitsWithout(_request, _hostMemoryMib, placed, default))
            {
                Add(found, new Candidate(placed.DemandMilli, task));
            }
        }
    }

    /// <summary>Two tasks that have room elsewhere leave the same host.</summary>
    public void AddPairs(List<Candidate> found)
    {
        foreach (var task in _movable)
        {
            ref readonly var placed = ref tasks.Ref(task);
            if (!_request.Allows(_state.Record(placed.Host).Model))
            {
                continue;
            }

            for (var other = tasks.NextOnHost(task); other >= 0; other = tasks.NextOnHost(other))
            {
                if (_movableClasses.Contains(tasks.ClassOf(other))
                    && FitsWithout(_request, _hostMemoryMib, placed, tasks.Ref(other)))
                {
                    Add(found, new Candidate(placed.DemandMilli + tasks.Ref(other).DemandMilli, task, other));
                }
            }
        }
    }

    /// <summary>A task leaves and takes the place of a smaller one that has room elsewhere.</summary>
    public void AddChains(List<Candidate> found, int forEachClass)
    {
        foreach (var asked in tasks.Classes)
        {
            if (_movableClasses.Contains(asked) || !IsSmaller(asked, _request))
            {
                continue;
            }

            var searched = false;
            foreach (var task in tasks.OfClass(asked))
            {
                ref readonly var placed = ref tasks.Ref(task);
                if (!FitsWithout(_request, _hostMemoryMib, placed, default))
                {
                    continue;
                }

                if (!searched)
                {
                    FindDisplaceable(asked, placed.HostMemoryMib, forEachClass);
                    searched = true;
                }

                foreach (var (cost, displaced) in _displaceable)
                {
                    if (tasks.Ref(displaced).Host != placed.Host)
                    {
                        Add(found, new Candidate(placed.DemandMilli + cost, task, Displaced: displaced));
                    }
                }
            }
        }
    }

    /// <summary>
    /// Where GPUs are free for the request but too little CPU: a task there changes places with one of the same GPUs
    /// and less CPU on a host that has CPU to spare.
    /// </summary>
    public void AddSwaps(List<Candidate> found)
    {
        _ofShape.Clear();
        for (var host = 0; host < _state.HostCount; host++)
        {
            ref readonly var record = ref _state.Record(host);
            var shortage = _request.CpuMilli - record.CpuFreeMilli;
            if (shortage <= 0 || !_request.Allows(record.Model) || !HasDevices(host, _request, default, default))
            {
                continue;
            }

            for (var task = tasks.FirstOn(host); task >= 0; task = tasks.NextOnHost(task))
            {
                if (PartnerOf(task, shortage) is >= 0 and var partner)
                {
                    Add(found, new Candidate(2 * tasks.Ref(task).DemandMilli, task, Displaced: partner, Swap: true));
                }
            }
        }
    }

    private static bool IsSmaller(RequestClass asked, RequestClass than) =>
        asked.DemandMilli != than.DemandMilli ? asked.DemandMilli < than.DemandMilli : asked.CpuMilli < than.CpuMilli;

    private static void Add(List<Candidate> found, Candidate candidate)
    {
        if (found.Count < CandidatesLimit)
        {
            found.Add(candidate);
        }
    }

    /// <summary>The cheapest tasks with room elsewhere in whose place, with what is free beside it, a class would fit.</summary>
    private void FindDisplaceable(RequestClass asked, int hostMemoryMib, int count)
    {
        _displaceable.Clear();
        foreach (var task in _movable)
        {
            ref readonly var placed = ref tasks.Ref(task);
            if (IsSmaller(tasks.ClassOf(task), asked) && FitsWithout(asked, hostMemoryMib, placed, default))
            {
                _displaceable.Add((placed.DemandMilli, task));
            }
        }

        _displaceable.Sort();
        if (_displaceable.Count > count)
        {
            _displaceable.RemoveRange(count, _displaceable.Count - count);
        }
    }

    /// <summary>A task of the same GPUs to change places with; -1 if there is none.</summary>
    private int PartnerOf(int task, int shortageMilli)
    {
        ref readonly var placed = ref tasks.Ref(task);
        var asked = tasks.ClassOf(task);
        foreach (var other in OfShape(placed.GpuCount, placed.GpuMilli))
        {
            ref readonly var partner = ref tasks.Ref(other);
            var freed = placed.CpuMilli - partner.CpuMilli;
            if (freed < shortageMilli)
            {
                return -1; // they are sorted: the rest free even less
            }

            ref readonly var host = ref _state.Record(partner.Host);
            ref readonly var here = ref _state.Record(placed.Host);
            if (partner.Host != placed.Host && host.CpuFreeMilli >= freed && asked.Allows(host.Model)
                && tasks.ClassOf(other).Allows(here.Model)
                && host.MemoryFreeMib + partner.HostMemoryMib >= placed.HostMemoryMib
                && here.MemoryFreeMib + placed.HostMemoryMib >= partner.HostMemoryMib + _hostMemoryMib)
            {
                return other;
            }
        }

        return -1;
    }

    /// <summary>The tasks with such GPUs, those with least CPU first.</summary>
    private List<int> OfShape(int gpus, int milli)
    {
        if (!_ofShape.TryGetValue((gpus, milli), out var list))
        {
            list = [.. tasks.Classes.Where(c => c.GpuCount == gpus && c.GpuMilli == milli).OrderBy(c => c.CpuMilli)
                .ThenBy(c => c.Id).SelectMany(tasks.OfClass)];
            _ofShape[(gpus, milli)] = list;
        }

        return list;
    }

    /// <summary>A class would fit on the host of one task, or two, if these left.</summary>
    private bool FitsWithout(RequestClass asked, int hostMemoryMib, in PlacedTask first, in PlacedTask second)
    {
        ref readonly var host = ref _state.Record(first.Host);
        return host.IsOpen && asked.Allows(host.Model)
            && host.CpuFreeMilli + first.CpuMilli + second.CpuMilli >= asked.CpuMilli
            && host.MemoryFreeMib + first.HostMemoryMib + second.HostMemoryMib >= hostMemoryMib
            && HasDevices(first.Host, asked, first, second);
    }

    private bool HasDevices(int host, RequestClass asked, in PlacedTask first, in PlacedTask second)
    {
        if (asked.GpuCount == 0)
        {
            return true;
        }

        ref readonly var record = ref _state.Record(host);
        var gpus = _state.GpusOf(in record);
        var count = 0;
        for (var i = 0; i < gpus.Length; i++)
        {
            var free = gpus[i] + ((int)(first.Devices >> i & 1) * first.GpuMilli)
                + ((int)(second.Devices >> i & 1) * second.GpuMilli);
            count += free >= asked.GpuMilli ? 1 : 0;
        }

        return count >= asked.GpuCount;
    }
}
