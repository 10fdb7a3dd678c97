using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Index;

/// <summary>
/// All groups of a queue in <see cref="ServiceOrder"/>: by rank, then queue by queue, in each the tenants by their shares,
/// and each tenant's groups. Shares and quotas change with every start and end, but only those of one tenant and of the
/// queues above it: its tenant is put into another place, and queues, which are few, are compared as they stand. A
/// search looks at the first of what could hold somebody, and skips whatever can't by its <see cref="GroupBounds"/>; so
/// what it costs hardly depends on how many wait.
/// </summary>
internal sealed class WaitingIndex(QuotaTree quotas)
{
    private readonly SortedList<Rank, List<Lane>> _ranks = [];
    private readonly Dictionary<QuotaNode, List<Bin>> _binsOf = [];
    private readonly SortedSet<WaitingGroup> _notDue = new(Comparer<WaitingGroup>.Create(CompareAwaited));
    private long _served;

    /// <summary>The group is new, or has another first unit, or others of its units are due.</summary>
    public void Put(WaitingGroup group)
    {
        Await(group);
        var isDue = group.Oldest.Due <= _served;
        var unit = isDue ? group.Oldest : group.First;
        var rank = new Rank(group.Class, isDue, isDue ? 0 : unit.Priority);
        if (group.Listed is { } listed && ReferenceEquals(listed.Unit, unit) && listed.Bin.Rank == rank)
        {
            return;
        }

        Unlist(group);
        var bin = BinOf(rank, group);
        group.Listed = new Listing(bin, unit);
        bin.Groups.Add(group);
        Replace(bin);
    }

    /// <summary>The group is empty.</summary>
    public void Remove(WaitingGroup group)
    {
        Unlist(group);
        if (group.Awaited is not null)
        {
            _notDue.Remove(group);
            group.Awaited = null;
        }
    }

    /// <summary>The group's bounds have changed.</summary>
    public void Refresh(WaitingGroup group)
    {
        if (group.Listed is { } listed)
        {
            listed.Bin.Groups.Refresh(group);
            listed.Bin.Lane.Bins.Refresh(listed.Bin);
        }
    }

    /// <summary>So many units have been served: some of those that wait are due now.</summary>
    public void Served(long served)
    {
        _served = served;
        while (_notDue.Min is { } group && group.Awaited!.Due <= served)
        {
            Put(group);
        }
    }

    /// <summary>
    /// Adds to <paramref name="best"/> those groups that are wanted and that quotas admit, each by its first, so that in
    /// the end it has the first <paramref name="limit"/> of all, in order. What it has before bounds the search.
    /// </summary>
    public void Find(GroupSearch search, int limit, List<Candidate> best)
    {
        FollowShares();
        foreach (var borrows in (ReadOnlySpan<bool>)[false, true])
        {
            Find(search, JobClass.Normal, borrows, limit, best);
        }

        Find(search, JobClass.Scavenger, false, limit, best);
    }

    /// <summary>There is a group that is wanted, whatever quotas say.</summary>
    public bool Any(GroupSearch search)
    {
        foreach (var lanes in _ranks.Values)
        {
            foreach (var lane in lanes)
            {
                foreach (var bin in Matching(lane.Bins, search, ResourceVector.Unlimited))
                {
                    foreach (var group in Matching(bin.Groups, search, ResourceVector.Unlimited))
                    {
                        if (search.Wants(group))
                        {
                            return true;
                        }
                    }
                }
            }
        }

        return false;
    }

    private static int CompareAwaited(WaitingGroup a, WaitingGroup b) =>
        WaitingUnit.CompareDue(a.Awaited!, b.Awaited!);

    private static IEnumerable<T> Matching<T>(BoundedList<T> list, GroupSearch search, ResourceVector room)
        where T : class
    {
        for (var p = 0; p < list.Pieces.Count; p++)
        {
            var piece = list.Pieces[p];
            if (!Matches(piece.Bounds, search, room))
            {
                continue;
            }

            for (var i = 0; i < piece.Count; i++)
            {
                if (Matches(piece.Each[i], search, room))
                {
                    yield return piece.Items[i];
                }
            }
        }
    }

    private static bool Matches(in GroupBounds bounds, GroupSearch search, in ResourceVector room) =>
        bounds.Demand.Fits(room) && search.MayHold(bounds);

    private void Find(GroupSearch search, JobClass jobClass, bool borrows, int limit, List<Candidate> best)
    {
        for (var i = 0; i < _ranks.Count; i++)
        {
            var rank = _ranks.GetKeyAtIndex(i);
            if (rank.Class != jobClass)
            {
                continue;
            }

            if (best.Count >= limit && IsBefore(best[^1], borrows, rank))
            {
                return; // and so is all that comes later
            }

            foreach (var lane in _ranks.GetValueAtIndex(i))
            {
                if (RoomOf(lane, jobClass, borrows) is { } room && Matches(lane.Bins.Bounds, search, room))
                {
                    Find(search, lane, borrows, room, limit, best);
                }
            }
        }
    }

    private void Find(
        GroupSearch search, Lane lane, bool borrows, ResourceVector room, int limit, List<Candidate> best)
    {
        foreach (var bin in Matching(lane.Bins, search, room))
        {
            if (best.Count >= limit
                && ServiceOrder.Compare(new Candidate(bin.First, bin.Leaf, borrows, bin.Rank.IsDue), best[^1]) >= 0)
            {
                return; // its first would come too late, and so would all further ones
            }

            foreach (var group in Matching(bin.Groups, search, room))
            {
                if (!search.Wants(group) || !Admits(group, borrows, out var candidate))
                {
                    continue;
                }

                if (!Insert(candidate, limit, best))
                {
                    break;
                }
            }
        }
    }

    private bool Admits(WaitingGroup group, bool borrows, out Candidate candidate)
    {
        var unit = group.Listed!.Unit;
        var admits = quotas.Admits(
            group.Leaf, group.Demand, group.Class, group.MayBorrow, unit.Members.Count, out var wouldBorrow);
        candidate = new Candidate(unit, group.Leaf, wouldBorrow, group.Listed.Bin.Rank.IsDue);
        return admits && wouldBorrow == borrows;
    }

    private static bool Insert(in Candidate candidate, int limit, List<Candidate> best)
    {
        var at = best.Count;
        while (at > 0 && ServiceOrder.Compare(candidate, best[at - 1]) < 0)
        {
            at--;
        }

        if (at >= limit)
        {
            return false;
        }

        best.Insert(at, candidate);
        if (best.Count > limit)
        {
            best.RemoveAt(limit);
        }

        return true;
    }

    private static bool IsBefore(in Candidate candidate, bool borrows, Rank rank)
    {
        var order = candidate.Unit.Class.CompareTo(rank.Class);
        order = order != 0 ? order : candidate.Borrows.CompareTo(borrows);
        return order != 0 ? order < 0
            : new Rank(rank.Class, candidate.IsDue, candidate.IsDue ? 0 : candidate.Unit.Priority).CompareTo(rank) < 0;
    }

    /// <summary>The most that a demand in this lane may be; null: none is served.</summary>
    private ResourceVector? RoomOf(Lane lane, JobClass jobClass, bool borrows)
    {
        if (jobClass == JobClass.Scavenger)
        {
            return Bounded(ResourceVector.Unlimited);
        }

        var room = quotas.RoomOf(lane.Queue);
        if (borrows)
        {
            return lane.MayBorrow || !room.HasQuota ? Bounded(room.Ceiling) : null;
        }

        var within = ResourceVector.Min(room.Own, room.Ceiling);
        return !room.HasQuota ? null : Bounded(lane.MayBorrow ? within : ResourceVector.Min(within, room.Quota));
    }

    /// <summary>However much there is, what is unlimited has no room: by that those who can't be served are known.</summary>
    private static ResourceVector Bounded(in ResourceVector room) =>
        ResourceVector.Min(room, ResourceVector.Unlimited with { GpuMilli = long.MaxValue - 1 });

    private void FollowShares()
    {
        foreach (var leaf in quotas.Changed)
        {
            leaf.IsChanged = false;
            foreach (var bin in _binsOf.GetValueOrDefault(leaf) ?? [])
            {
                Replace(bin);
            }
        }

        quotas.Changed.Clear();
    }

    private void Await(WaitingGroup group)
    {
        var awaited = group.Oldest.Due > _served ? group.Oldest : null;
        if (ReferenceEquals(awaited, group.Awaited))
        {
            return;
        }

        if (group.Awaited is not null)
        {
            _notDue.Remove(group);
        }

        group.Awaited = awaited;
        if (awaited is not null)
        {
            _notDue.Add(group);
        }
    }

    private Bin BinOf(Rank rank, WaitingGroup group)
    {
        if (!_ranks.TryGetValue(rank, out var lanes))
        {
            _ranks.Add(rank, lanes = []);
        }

        var queue = group.Leaf.Parent!;
        var lane = lanes.Find(known => ReferenceEquals(known.Queue, queue) && known.MayBorrow == group.MayBorrow);
        if (lane is null)
        {
            lanes.Add(lane = new Lane(queue, group.MayBorrow));
        }

        if (!lane.BinOf.TryGetValue(group.Leaf, out var bin))
        {
            lane.BinOf[group.Leaf] = bin = new Bin(lane, rank, group.Leaf);
            if (!_binsOf.TryGetValue(group.Leaf, out var bins))
            {
                _binsOf[group.Leaf] = bins = [];
            }

            bins.Add(bin);
        }

        return bin;
    }

    /// <summary>Puts a bin where it belongs by what it holds now.</summary>
    private static void Replace(Bin bin)
    {
        var bins = bin.Lane.Bins;
        if (bin.First is null)
        {
            bin.Place();
            bins.Add(bin);
        }
        else if (bin.IsInPlace)
        {
            bins.Refresh(bin);
        }
        else
        {
            bins.Remove(bin);
            bin.Place();
            bins.Add(bin);
        }
    }

    private void Unlist(WaitingGroup group)
    {
        if (group.Listed is not { } listed)
        {
            return;
        }

        var bin = listed.Bin;
        bin.Groups.Remove(group);
        group.Listed = null;
        if (!bin.Groups.IsEmpty)
        {
            Replace(bin);
            return;
        }

        bin.Lane.Bins.Remove(bin);
        bin.Lane.BinOf.Remove(bin.Leaf);
        _binsOf[bin.Leaf].Remove(bin);
        if (_binsOf[bin.Leaf].Count == 0)
        {
            _binsOf.Remove(bin.Leaf);
        }

        if (bin.Lane.Bins.IsEmpty)
        {
            _ranks[bin.Rank].Remove(bin.Lane);
            if (_ranks[bin.Rank].Count == 0)
            {
                _ranks.Remove(bin.Rank);
            }
        }
    }
}
