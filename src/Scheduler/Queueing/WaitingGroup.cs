using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What several groups ask for alike; if one of them finds no room, none would.</summary>
internal sealed class WaitingShape(ShapeKey key)
{
    public ShapeKey Key { get; } = key;

    public List<WaitingGroup> Groups { get; } = [];

    public ShapeState State { get; set; }

    /// <summary>It was refused while devices were kept for others.</summary>
    public bool RefusedBesideReservation { get; set; }

    public string? Reason { get; set; }
}

/// <summary>What tells one shape from another.</summary>
/// <param name="Request">What each member asks for.</param>
/// <param name="HostDemand">What it takes of a host.</param>
/// <param name="Terms">Where it must and should go.</param>
/// <param name="Gang">The gang; null: a single session.</param>
internal readonly record struct ShapeKey(
    GpuRequest Request, ResourceVector HostDemand, PlacementTerms Terms, string? Gang);

/// <summary>Whether those of a shape may be tried.</summary>
internal enum ShapeState
{
    /// <summary>Nothing speaks against it.</summary>
    Fresh,

    /// <summary>There was no room, but since then something was freed that could be room for it.</summary>
    Woken,

    /// <summary>There was no room.</summary>
    Resting,

    /// <summary>The hosts that are there could not serve it if they were empty.</summary>
    Unservable,
}

/// <summary>Units of one tenant, class, shape, demand and time limit, in order: what quotas say of one, they say of all.</summary>
internal sealed class WaitingGroup(WaitingShape shape, QuotaNode leaf, WaitingUnit like)
{
    private readonly SortedSet<WaitingUnit> _byOrder = new(Comparer<WaitingUnit>.Create(WaitingUnit.CompareInGroup));
    private readonly SortedSet<WaitingUnit> _byDue = new(Comparer<WaitingUnit>.Create(WaitingUnit.CompareDue));
    private WaitingUnit? _first;
    private WaitingUnit? _oldest;

    public WaitingShape Shape => shape;

    public QuotaNode Leaf => leaf;

    public JobClass Class { get; } = like.Class;

    public bool MayBorrow { get; } = like.MayBorrow;

    public ResourceVector Demand { get; } = like.Demand;

    public TimeSpan? TimeLimit { get; } = like.TimeLimit;

    /// <summary>Units like this one are of this group.</summary>
    public bool Includes(WaitingUnit unit, QuotaNode leafOfUnit) =>
        ReferenceEquals(leaf, leafOfUnit) && Class == unit.Class && MayBorrow == unit.MayBorrow
        && TimeLimit == unit.TimeLimit && Demand == unit.Demand;

    public bool IsEmpty => _byOrder.Count == 0;

    public void Add(WaitingUnit unit)
    {
        _byOrder.Add(unit);
        _byDue.Add(unit);
        FindFirst();
    }

    public void Remove(WaitingUnit unit)
    {
        _byOrder.Remove(unit);
        _byDue.Remove(unit);
        FindFirst();
    }

    /// <summary>Its first, as the order sees it, if quotas admit it.</summary>
    public bool TryFirst(QuotaTree quotas, long served, out Candidate candidate)
    {
        var isDue = _oldest!.Due <= served;
        var unit = isDue ? _oldest : _first!;
        var admits = quotas.Admits(leaf, Demand, Class, MayBorrow, unit.Members.Count, out var borrows);
        candidate = new Candidate(unit, leaf, borrows, isDue);
        return admits;
    }

    /// <summary>Adds its first ones to <paramref name="found"/>, as far as quotas admit each alone.</summary>
    public void TakeFirst(int limit, QuotaTree quotas, long served, List<Candidate> found)
    {
        foreach (var unit in _byOrder.Take(limit))
        {
            if (quotas.Admits(leaf, Demand, Class, MayBorrow, unit.Members.Count, out var borrows))
            {
                found.Add(new Candidate(unit, leaf, borrows, unit.Due <= served));
            }
        }
    }

    private void FindFirst() => (_first, _oldest) = (_byOrder.Min, _byDue.Min);
}
