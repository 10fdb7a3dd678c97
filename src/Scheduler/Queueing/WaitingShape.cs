using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What several groups ask for alike; if one of them finds no room, none would.</summary>
/// <param name="key">What tells it from others.</param>
/// <param name="need">What it needs of a device at least.</param>
internal sealed class WaitingShape(ShapeKey key, DeviceNeed need)
{
    private readonly Dictionary<GroupKey, WaitingGroup> _groups = [];

    public ShapeKey Key => key;

    public DeviceNeed Need => need;

    public IReadOnlyCollection<WaitingGroup> Groups => _groups.Values;

    public ShapeState State { get; set; }

    /// <summary>When it was last refused, by the queue's count of events: what was freed since may wake it.</summary>
    public long RestsSince { get; set; }

    /// <summary>It was refused while devices were kept for others.</summary>
    public bool RefusedBesideReservation { get; set; }

    /// <summary>It was kept off the head's devices, because it would not have been over in time.</summary>
    public bool RefusedBesideHead { get; set; }

    public string? Reason { get; set; }

    /// <summary>The group that a unit belongs to; it is made if it is not there.</summary>
    public WaitingGroup GroupOf(WaitingUnit unit, QuotaNode leaf)
    {
        var groupKey = new GroupKey(leaf, unit.Class, unit.MayBorrow, unit.TimeLimit, unit.Demand);
        return _groups.TryGetValue(groupKey, out var group) ? group
            : _groups[groupKey] = new WaitingGroup(this, groupKey);
    }

    public void Remove(WaitingGroup group) => _groups.Remove(group.Key);
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

    /// <summary>There was no room; what was freed since may be room for it.</summary>
    Resting,

    /// <summary>The hosts that are there could not serve it if they were empty.</summary>
    Unservable,
}
