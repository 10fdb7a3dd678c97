using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>What the oldest member does about the dead. Pure.</summary>
internal static class Housekeeping
{
    /// <summary>Status changes that are due.</summary>
    /// <param name="members">All members, the oldest first.</param>
    /// <param name="selfId">Who decides; only the oldest that is up does.</param>
    /// <param name="silentFor">For how long a member has been down or without lease, as far as this node knows.</param>
    /// <param name="downAfter">A member without lease from whom nobody took anything is set down after this.</param>
    /// <param name="removeAfter">A member that is down is removed after this.</param>
    public static IReadOnlyList<(Member Member, MemberStatus Status)> Due(
        IReadOnlyList<Member> members,
        string selfId,
        Func<Member, TimeSpan> silentFor,
        TimeSpan downAfter,
        TimeSpan removeAfter)
    {
        if (members.FirstOrDefault(member => member.IsEligible)?.Id != selfId)
        {
            return [];
        }

        var due = new List<(Member, MemberStatus)>();
        foreach (var member in members.Where(member => !member.IsLiving))
        {
            if (member.Status == MemberStatus.Down && silentFor(member) >= removeAfter)
            {
                due.Add((member, MemberStatus.Removed));
            }
            else if (member.Status < MemberStatus.Down && silentFor(member) >= downAfter)
            {
                due.Add((member, MemberStatus.Down));
            }
        }

        return due;
    }
}
