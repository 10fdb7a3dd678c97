using GpuActors.Scheduler.Queueing.Index;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What tells one group of a shape from another.</summary>
internal readonly record struct GroupKey(
    QuotaNode Leaf, JobClass Class, bool MayBorrow, TimeSpan? TimeLimit, ResourceVector Demand);

/// <summary>Units of one tenant, class, shape, demand and time limit, in order: what quotas say of one, they say of all.</summary>
internal sealed class WaitingGroup(WaitingShape shape, GroupKey key)
{
    private readonly SortedSet<WaitingUnit> _byOrder = new(Comparer<WaitingUnit>.Create(WaitingUnit.CompareInGroup));
    private readonly SortedSet<WaitingUnit> _byDue = new(Comparer<WaitingUnit>.Create(WaitingUnit.CompareDue));

    public WaitingShape Shape => shape;

    public GroupKey Key => key;

    public QuotaNode Leaf => key.Leaf;

    public JobClass Class => key.Class;

    public bool MayBorrow => key.MayBorrow;

    public ResourceVector Demand => key.Demand;

    public TimeSpan? TimeLimit => key.TimeLimit;

    public bool IsEmpty => _byOrder.Count == 0;

    /// <summary>Its first, those that are due aside.</summary>
    public WaitingUnit First { get; private set; } = null!;

    /// <summary>The one that is due before all others, or will be.</summary>
    public WaitingUnit Oldest { get; private set; } = null!;

    /// <summary>Where the index has it; null: nowhere.</summary>
    public Listing? Listed { get; set; }

    /// <summary>The index waits for this one to be due; null: it is, or the group is not there.</summary>
    public WaitingUnit? Awaited { get; set; }

    public GroupBounds Bounds => new(
        Demand,
        shape.Need,
        TimeLimit?.Ticks ?? long.MaxValue,
        shape.State switch
        {
            ShapeState.Fresh => GroupStates.Fresh,
            ShapeState.Resting => GroupStates.Resting,
            _ => GroupStates.None,
        });

    public void Add(WaitingUnit unit)
    {
        _byOrder.Add(unit);
        _byDue.Add(unit);
        (First, Oldest) = (_byOrder.Min!, _byDue.Min!);
    }

    public void Remove(WaitingUnit unit)
    {
        _byOrder.Remove(unit);
        _byDue.Remove(unit);
        if (!IsEmpty)
        {
            (First, Oldest) = (_byOrder.Min!, _byDue.Min!);
        }
    }

    /// <summary>Its first, as the order sees it, if quotas admit it.</summary>
    public bool TryFirst(QuotaTree quotas, long served, out Candidate candidate)
    {
        var isDue = Oldest.Due <= served;
        return Admits(isDue ? Oldest : First, quotas, served, out candidate);
    }

    /// <summary>Adds its first ones to <paramref name="found"/>, as far as quotas admit each alone.</summary>
    public void TakeFirst(int limit, QuotaTree quotas, long served, List<Candidate> found)
    {
        var units = _byDue.TakeWhile(unit => unit.Due <= served).Take(limit).Union(_byOrder.Take(limit));
        foreach (var unit in units)
        {
            if (Admits(unit, quotas, served, out var candidate))
            {
                found.Add(candidate);
            }
        }
    }

    private bool Admits(WaitingUnit unit, QuotaTree quotas, long served, out Candidate candidate)
    {
        var admits = quotas.Admits(Leaf, Demand, Class, MayBorrow, unit.Members.Count, out var borrows);
        candidate = new Candidate(unit, Leaf, borrows, unit.Due <= served);
        return admits;
    }
}
