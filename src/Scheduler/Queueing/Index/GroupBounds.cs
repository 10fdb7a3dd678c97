using GpuActors.Scheduler.Queueing.Quotas;

namespace GpuActors.Scheduler.Queueing.Index;

/// <summary>
/// The least that any of some groups asks for. Where a search is not met by it, none of them needs to be looked at.
/// </summary>
/// <param name="Demand">Of quotas, resource by resource.</param>
/// <param name="Need">Of a device.</param>
/// <param name="LimitTicks">Their shortest time limit.</param>
/// <param name="States">The states that any of them is in.</param>
internal readonly record struct GroupBounds(ResourceVector Demand, DeviceNeed Need, long LimitTicks, GroupStates States)
{
    /// <summary>Of no groups.</summary>
    public static GroupBounds None { get; } =
        new(ResourceVector.Unlimited, new DeviceNeed(long.MaxValue, int.MaxValue), long.MaxValue, GroupStates.None);

    /// <summary>Of all groups of both.</summary>
    public static GroupBounds Both(in GroupBounds a, in GroupBounds b) => new(
        ResourceVector.Min(a.Demand, b.Demand),
        new DeviceNeed(
            Math.Min(a.Need.MemoryBytes, b.Need.MemoryBytes), Math.Min(a.Need.ComputePercent, b.Need.ComputePercent)),
        Math.Min(a.LimitTicks, b.LimitTicks),
        a.States | b.States);
}

/// <summary>Whether those of a group may be tried, as far as that is kept in order.</summary>
[Flags]
internal enum GroupStates : byte
{
    /// <summary>Nobody is there, or nobody who could be served.</summary>
    None = 0,

    /// <summary>Nothing speaks against a try.</summary>
    Fresh = 1,

    /// <summary>There was no room; what was freed since may have woken it.</summary>
    Resting = 2,
}
