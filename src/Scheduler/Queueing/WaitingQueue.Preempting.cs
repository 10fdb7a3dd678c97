using GpuActors.Scheduler.Queueing.Index;

namespace GpuActors.Scheduler.Queueing;

/// <content>Who would be worth making room for.</content>
public sealed partial class WaitingQueue
{
    /// <summary>
    /// The first of those who found no room though quotas admit them, in order, without those for whom room is being made.
    /// Each counts the ones before it as served, so that quotas hold for all of them together.
    /// </summary>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<Candidate> FirstResting(int limit)
    {
        for (var groups = 2 * limit; ; groups *= 4)
        {
            _found.Clear();
            _index.Find(new RestingSearch(_freed), groups, _found);
            var isAll = _found.Count < groups;
            var all = FirstOf(limit, [.. _found]);
            if (isAll || all.Count == limit)
            {
                return all;
            }
        }
    }

    private List<Candidate> FirstOf(int limit, Candidate[] firsts)
    {
        var found = new List<Candidate>();
        foreach (var first in firsts)
        {
            _groupOf[first.Unit].TakeFirst(limit, Quotas, _served, found);
        }

        found.Sort((a, b) => ServiceOrder.Compare(a, b));
        var charged = new List<Candidate>();
        foreach (var kept in _kept.Values)
        {
            if (_units.TryGetValue(kept.For, out var unit) && TryCandidate(unit, out var candidate))
            {
                Charge(candidate, charged);
            }
        }

        var all = new List<Candidate>();
        foreach (var candidate in found)
        {
            if (all.Count < limit && !_kept.ContainsKey(candidate.Unit.Id) && TryCandidate(candidate.Unit, out var now))
            {
                all.Add(now);
                Charge(now, charged);
            }
        }

        foreach (var candidate in charged)
        {
            Quotas.Refund(candidate.Leaf, candidate.Unit.Demand, candidate.Unit.Class);
        }

        return all;
    }

    private void Charge(in Candidate candidate, List<Candidate> charged)
    {
        Quotas.Charge(candidate.Leaf, candidate.Unit.Demand, candidate.Unit.Class);
        charged.Add(candidate);
    }
}
