using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Preemption;

/// <summary>
/// What it costs to make some sessions leave: first the highest class and priority among them, then the work that is
/// lost, then the GPUs that they hold, then their number.
/// </summary>
internal readonly record struct VictimCost(int Rank, long LostTicks, long GpuMilli, int Count) : IComparable<VictimCost>
{
    public static VictimCost Of(RunningSession session, DateTimeOffset now) => new(
        session.Terms.Class == JobClass.Scavenger ? int.MinValue : session.Terms.Priority,
        session.WorkLostAt(now).Ticks,
        PreemptionRules.Uses(session).GpuMilli,
        1);

    public static VictimCost operator +(VictimCost a, VictimCost b) => new(
        Math.Max(a.Rank, b.Rank), a.LostTicks + b.LostTicks, a.GpuMilli + b.GpuMilli, a.Count + b.Count);

    public int CompareTo(VictimCost other)
    {
        var order = Rank.CompareTo(other.Rank);
        order = order != 0 ? order : LostTicks.CompareTo(other.LostTicks);
        order = order != 0 ? order : GpuMilli.CompareTo(other.GpuMilli);
        return order != 0 ? order : Count.CompareTo(other.Count);
    }
}
