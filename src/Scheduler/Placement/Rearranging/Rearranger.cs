using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Rearranging;

/// <summary>
/// Finds the cheapest few moves that make room for a request which fits nowhere: one task that leaves and finds room
/// elsewhere; two that leave the same host; a chain, where the one that leaves takes the place of a smaller one that
/// finds room; or a swap, where two tasks of the same GPUs on different hosts change places to free CPU. Fewer moves are
/// preferred, then less GPU moved. Only smaller tasks than the request leave for it.
/// </summary>
/// <remarks>
/// In a full cluster few tasks could go elsewhere, and whether one can is the same for all of its class: so the search
/// begins with the classes that have room and looks at their tasks only, not at all pairs of task and host. What looks
/// right is tried on the cluster itself, and undone, so that a proposal never rests on an estimate.
/// </remarks>
/// <param name="engine">Decides where a task that leaves goes.</param>
/// <param name="tasks">What runs.</param>
public sealed class Rearranger(PlacementEngine engine, RunningTasks tasks)
{
    private const int TriesLimit = 1000;
    private const int ChainsForClass = 4;
    private const int HopelessLimit = 4096;

    private readonly ClusterState _state = engine.State;
    private readonly MoveFinder _finder = new(engine, tasks);
    private readonly List<Candidate> _candidates = [];
    private readonly Dictionary<(RequestClass Request, int MovesLimit), int> _hopelessFromMib = [];
    private long _hopelessAsOf = -1;

    /// <summary>Looks for moves; the cluster is as before.</summary>
    /// <param name="request">What finds no room.</param>
    /// <param name="hostMemoryMib">Its host memory in MiB.</param>
    /// <param name="movesLimit">At most so many moves, 1 or 2.</param>
    /// <returns>The moves and the place; null if there are none.</returns>
    public Rearrangement? Propose(RequestClass request, int hostMemoryMib, int movesLimit)
    {
        if (movesLimit < 1 || IsHopeless(request, hostMemoryMib, movesLimit))
        {
            return null;
        }

        var found = Search(request, hostMemoryMib, movesLimit);
        if (found is null)
        {
            _hopelessFromMib[(request, movesLimit)] = hostMemoryMib;
        }

        _hopelessAsOf = _state.Changes.Last; // trials are changes, too, but all undone
        return found;
    }

    /// <summary>Makes the moves; the request's place is free then, but not taken.</summary>
    public void Apply(Rearrangement rearrangement)
    {
        foreach (var move in rearrangement.Moves)
        {
            _state.Release(move.From);
        }

        foreach (var move in rearrangement.Moves)
        {
            _state.Take(move.To);
            tasks.Move(move.Task, move.To);
        }
    }

    private Rearrangement? Search(RequestClass request, int hostMemoryMib, int movesLimit)
    {
        _finder.Begin(request, hostMemoryMib);
        _candidates.Clear();
        _finder.AddSingles(_candidates);
        var one = Best(request, hostMemoryMib);
        if (one is not null || movesLimit < 2)
        {
            return one;
        }

        _candidates.Clear();
        _finder.AddPairs(_candidates);
        _finder.AddChains(_candidates, ChainsForClass);
        _finder.AddSwaps(_candidates);
        return Best(request, hostMemoryMib);
    }

    /// <summary>The same, or with less host memory, was asked for in vain, and nothing has changed since.</summary>
    private bool IsHopeless(RequestClass request, int hostMemoryMib, int movesLimit)
    {
        if (_hopelessAsOf != _state.Changes.Last || _hopelessFromMib.Count >= HopelessLimit)
        {
            _hopelessFromMib.Clear();
        }

        return _hopelessFromMib.TryGetValue((request, movesLimit), out var from) && hostMemoryMib >= from;
    }

    private Rearrangement? Best(RequestClass request, int hostMemoryMib)
    {
        _candidates.Sort();
        for (var i = 0; i < Math.Min(TriesLimit, _candidates.Count); i++)
        {
            if (Try(_candidates[i], request, hostMemoryMib) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Makes the moves and undoes them; null if they don't work out.</summary>
    private Rearrangement? Try(Candidate candidate, RequestClass request, int hostMemoryMib)
    {
        var host = tasks.Ref(candidate.First).Host;
        var trial = new Trial(engine, tasks);
        trial.Leave(candidate.First);
        if (candidate.Second >= 0)
        {
            trial.Leave(candidate.Second);
        }

        var done = trial.TryTake(request, hostMemoryMib, host, out var place)
            && (candidate.Displaced < 0 || trial.TryDisplace(candidate.First, candidate.Displaced, candidate.Swap ? host : -1))
            && (candidate.Displaced >= 0 || trial.TryResettle(candidate.First))
            && (candidate.Second < 0 || trial.TryResettle(candidate.Second));
        trial.Undo();
        return done ? new Rearrangement(place, trial.Moves) : null;
    }
}
