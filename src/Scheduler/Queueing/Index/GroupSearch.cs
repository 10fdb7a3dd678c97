namespace GpuActors.Scheduler.Queueing.Index;

/// <summary>Which groups are looked for, quotas aside.</summary>
internal abstract class GroupSearch
{
    /// <summary>False only if none of some groups is wanted.</summary>
    /// <param name="bounds">The least that they ask for.</param>
    public abstract bool MayHold(in GroupBounds bounds);

    /// <summary>The group is one of those.</summary>
    public abstract bool Wants(WaitingGroup group);
}
