namespace GpuActors.Scheduler.Queueing.Index;

/// <summary>Those who may be tried.</summary>
/// <param name="freed">What was freed.</param>
/// <param name="isBound">They must leave to the head what is reserved for it.</param>
/// <param name="longest">Unless they run no longer than that.</param>
internal sealed class AwakeSearch(FreedDevices freed, bool isBound, TimeSpan longest) : GroupSearch
{
    private readonly long _longestTicks = isBound ? longest.Ticks : long.MaxValue;

    public override bool MayHold(in GroupBounds bounds) =>
        (bounds.States & GroupStates.Fresh) != 0 || freed.MightServe(bounds, _longestTicks);

    public override bool Wants(WaitingGroup group) => group.Shape.State == ShapeState.Fresh
        || freed.Wakes(group.Shape, isBound, isBound && group.TimeLimit <= longest);
}

/// <summary>Those who would be tried if they had the quota, and if nothing were kept for others.</summary>
internal sealed class WokenSearch(FreedDevices freed) : GroupSearch
{
    public override bool MayHold(in GroupBounds bounds) => freed.MightServe(bounds, long.MaxValue);

    public override bool Wants(WaitingGroup group) =>
        group.Shape.State != ShapeState.Fresh && freed.Wakes(group.Shape);
}

/// <summary>Those who found no room, and for whom nothing was freed since.</summary>
internal sealed class RestingSearch(FreedDevices freed) : GroupSearch
{
    public override bool MayHold(in GroupBounds bounds) => (bounds.States & GroupStates.Resting) != 0;

    public override bool Wants(WaitingGroup group) =>
        group.Shape.State == ShapeState.Resting && !freed.Wakes(group.Shape);
}

/// <summary>Those who might have used what was freed, but not what is left of it.</summary>
internal sealed class TooLateSearch(FreedDevices freed, IReadOnlyList<FreedBefore> before) : GroupSearch
{
    public override bool MayHold(in GroupBounds bounds)
    {
        foreach (var one in before)
        {
            if ((bounds.States & GroupStates.Resting) != 0 && bounds.Need.IsMetBy(one.Gpu))
            {
                return true;
            }
        }

        return false;
    }

    public override bool Wants(WaitingGroup group) => group.Shape.State == ShapeState.Resting
        && before.Any(one => freed.Woke(one, group.Shape)) && !freed.Wakes(group.Shape);
}
