using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Explaining;

/// <summary>
/// Looks at every host once, notes all that keeps a request off it, and counts. A host that one thing alone keeps it off
/// shows what would help. Costs a pass over all hosts: for people, not on the way of a decision.
/// </summary>
public sealed class Explainer
{
    private readonly ClusterState _state;
    private readonly RequestClass _request;
    private readonly int _hostMemoryMib;
    private readonly Dictionary<(BarrierKind Kind, PlacementTerm? Term), (int First, int Alone)> _counts = [];
    private readonly List<(BarrierKind Kind, PlacementTerm? Term)> _found = [];
    private readonly NearMisses _near = new();
    private int _fitting;
    private int _whenEmpty;

    private Explainer(ClusterState state, RequestClass request, int hostMemoryMib) =>
        (_state, _request, _hostMemoryMib) = (state, request, hostMemoryMib);

    /// <summary>Why a request fits where it does, or nowhere.</summary>
    public static Explanation Explain(ClusterState state, RequestClass request, int hostMemoryMib)
    {
        var explainer = new Explainer(state, request, hostMemoryMib);
        for (var host = 0; host < state.HostCount; host++)
        {
            explainer.Look(host);
        }

        return explainer.Result();
    }

    private void Look(int host)
    {
        _found.Clear();
        Find(host);
        if (_found.Count == 0)
        {
            _fitting++;
            return;
        }

        var alone = _found.Count == 1;
        for (var i = 0; i < _found.Count; i++)
        {
            var (first, only) = _counts.GetValueOrDefault(_found[i]);
            _counts[_found[i]] = (first + (i == 0 ? 1 : 0), only + (alone ? 1 : 0));
        }

        if (alone)
        {
            _near.Add(_found[0].Kind, _state, host, _request);
        }

        _whenEmpty += _found.TrueForAll(GoesWithOthers) && HasTopologyWhenEmpty(host) ? 1 : 0;
    }

    /// <summary>It is gone when all that runs on the host has ended.</summary>
    private static bool GoesWithOthers((BarrierKind Kind, PlacementTerm? Term) barrier) =>
        barrier.Kind is BarrierKind.Cpu or BarrierKind.Memory or BarrierKind.Gpu or BarrierKind.Topology
        || barrier.Term is { Subject: TermSubject.Tasks, IsNear: false };

    private bool HasTopologyWhenEmpty(int host)
    {
        var spec = _state.SpecOf(host);
        var all = spec.GpuCount == HostSpec.GpuLimit ? ulong.MaxValue : (1UL << spec.GpuCount) - 1;
        return _request.GpuCount < 2 || spec.Links.Choose(_request.Request.Topology, all, _request.GpuCount) != 0;
    }

    private void Find(int host)
    {
        ref readonly var record = ref _state.Record(host);
        var spec = _state.SpecOf(host);
        Note(!record.IsOpen, BarrierKind.Closed);
        Note(!_request.Allows(record.Model), BarrierKind.Model);
        foreach (var term in _request.Request.Terms.All)
        {
            Note(term.IsMust && !Feasibility.IsMet(_state, host, term), BarrierKind.Term, term);
        }

        Note(spec.CpuMilli < _request.CpuMilli, BarrierKind.CpuInAll);
        Note(spec.MemoryMib < _hostMemoryMib, BarrierKind.MemoryInAll);
        Note(spec.GpuCount < _request.GpuCount, BarrierKind.GpusInAll);
        Note(record.CpuFreeMilli < _request.CpuMilli && spec.CpuMilli >= _request.CpuMilli, BarrierKind.Cpu);
        Note(record.MemoryFreeMib < _hostMemoryMib && spec.MemoryMib >= _hostMemoryMib, BarrierKind.Memory);
        var hasDevices = Feasibility.HasDevices(_state, in record, _request);
        Note(!hasDevices && spec.GpuCount >= _request.GpuCount, BarrierKind.Gpu);
        Note(hasDevices && !Feasibility.HasTopology(_state, host, _request), BarrierKind.Topology);
    }

    private void Note(bool isThere, BarrierKind kind, PlacementTerm? term = null)
    {
        if (isThere)
        {
            _found.Add((kind, term));
        }
    }

    private Explanation Result()
    {
        var barriers = _counts.Where(c => c.Value.First > 0 || c.Value.Alone > 0)
            .Select(c => new Barrier(c.Key.Kind, c.Key.Term, c.Value.First, c.Value.Alone))
            .OrderBy(b => b.Kind).ThenByDescending(b => b.Hosts).ToArray();
        var counted = Array.FindAll(barriers, barrier => barrier.Hosts > 0);
        return new Explanation(
            _state.HostCount, _fitting, _whenEmpty, counted, _fitting > 0 ? [] : Help(barriers));
    }

    private List<string> Help(Barrier[] barriers)
    {
        var help = new List<string>();
        foreach (var barrier in barriers.Where(barrier => barrier.AloneHosts > 0))
        {
            _near.AddSentence(help, barrier, _request, _hostMemoryMib);
        }

        if (_whenEmpty > 0)
        {
            help.Add($"It would fit on {Explanation.Hosts(_whenEmpty)} if nothing else ran there: it waits for others to end.");
        }
        else if (help.Count == 0)
        {
            help.Add($"A host must join that has {Needed()}.");
        }

        return help;
    }

    private string Needed()
    {
        var gpus = _request.GpuCount == 0 ? "" : $"{_request.GpuCount} GPU(s)"
            + (_request.Request.Models.IsAny ? "" : $" of model {_request.Request.Models}") + ", ";
        var terms = _request.Request.Terms.All.Where(term => term.IsMust).Select(term => $", {term}");
        return $"{gpus}{Amount.Cpu(_request.CpuMilli)} and {Amount.Memory(_hostMemoryMib)}{string.Concat(terms)}";
    }
}
