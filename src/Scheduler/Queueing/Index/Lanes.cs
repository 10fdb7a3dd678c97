using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Index;

/// <summary>What the order compares before any shares.</summary>
internal readonly record struct Rank(JobClass Class, bool IsDue, int Priority) : IComparable<Rank>
{
    public int CompareTo(Rank other)
    {
        var order = Class.CompareTo(other.Class);
        order = order != 0 ? order : other.IsDue.CompareTo(IsDue);
        return order != 0 ? order : other.Priority.CompareTo(Priority);
    }
}

/// <summary>Groups of one rank and one queue, that all borrow, or that all do not: what the queue has left, all have.</summary>
internal sealed class Lane(QuotaNode queue, bool mayBorrow)
{
    private static readonly Comparer<Bin> ByShare = Comparer<Bin>.Create(Bin.Compare);

    public QuotaNode Queue => queue;

    public bool MayBorrow => mayBorrow;

    /// <summary>The tenants, those with the smallest shares first; of those who are due, the oldest first.</summary>
    public BoundedList<Bin> Bins { get; } = new(ByShare, bin => bin.Bounds);

    public Dictionary<QuotaNode, Bin> BinOf { get; } = [];
}

/// <summary>Groups of one tenant in one lane, in order.</summary>
internal sealed class Bin(Lane lane, Rank rank, QuotaNode leaf)
{
    private static readonly Comparer<WaitingGroup> ByOrder =
        Comparer<WaitingGroup>.Create((a, b) => WaitingUnit.CompareInGroup(a.Listed!.Unit, b.Listed!.Unit));

    private static readonly Comparer<WaitingGroup> ByDue =
        Comparer<WaitingGroup>.Create((a, b) => WaitingUnit.CompareDue(a.Listed!.Unit, b.Listed!.Unit));

    public Lane Lane => lane;

    public Rank Rank => rank;

    public QuotaNode Leaf => leaf;

    public BoundedList<WaitingGroup> Groups { get; } = new(rank.IsDue ? ByDue : ByOrder, group => group.Bounds);

    /// <summary>Its tenant's share when it was put into its place; where all are due, shares count for nothing.</summary>
    public double Share { get; private set; }

    /// <summary>Its first unit when it was put into its place.</summary>
    public WaitingUnit First { get; private set; } = null!;

    /// <summary>None of it can be served while its tenant has all that a tenant may have.</summary>
    public GroupBounds Bounds => leaf.Running >= leaf.Limits.MaxRunning
        || (rank.Class == JobClass.Normal && Groups.Bounds.Demand.GpuMilli > leaf.Ceiling.GpuMilli - leaf.Used.GpuMilli)
        ? Groups.Bounds with { Demand = ResourceVector.Unlimited } : Groups.Bounds;

    public static int Compare(Bin a, Bin b)
    {
        if (a.Rank.IsDue)
        {
            return WaitingUnit.CompareDue(a.First, b.First);
        }

        var order = a.Share.CompareTo(b.Share);
        return order != 0 ? order : WaitingUnit.CompareInGroup(a.First, b.First);
    }

    /// <summary>Its place is another; false if it is the same. Not while it is in a list.</summary>
    public void Place() => (Share, First) = (rank.IsDue ? 0 : leaf.Share, Groups.First.Listed!.Unit);

    /// <summary>It is where it belongs.</summary>
    public bool IsInPlace => ReferenceEquals(First, Groups.First.Listed!.Unit) && (rank.IsDue || Share.Equals(leaf.Share));
}

/// <summary>Where a group is listed, and by which of its units.</summary>
internal sealed record Listing(Bin Bin, WaitingUnit Unit);
