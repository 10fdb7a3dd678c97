using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>What happened between two views of the members. Pure.</summary>
internal static class MemberChanges
{
    /// <summary>The events that lead from one list to the other.</summary>
    public static IReadOnlyList<ClusterEvent.IClusterDomainEvent> Between(
        IReadOnlyList<Member> before, IReadOnlyList<Member> after)
    {
        var events = new List<ClusterEvent.IClusterDomainEvent>();
        foreach (var old in before.Where(old => Find(after, old.Id) is null))
        {
            events.Add(new ClusterEvent.MemberRemoved(old with { Status = MemberStatus.Removed }, old.Status));
        }

        foreach (var member in after)
        {
            var old = Find(before, member.Id);
            AddStatus(events, member, old);
            AddReachability(events, member, old);
        }

        return events;
    }

    /// <summary>Whether two lists say the same of everybody.</summary>
    public static bool AreEqual(IReadOnlyList<Member> before, IReadOnlyList<Member> after)
    {
        if (before.Count != after.Count)
        {
            return false;
        }

        for (var i = 0; i < before.Count; i++)
        {
            var (old, member) = (before[i], after[i]);
            if (old.Id != member.Id || old.Status != member.Status || old.IsReachable != member.IsReachable)
            {
                return false;
            }
        }

        return true;
    }

    private static void AddStatus(List<ClusterEvent.IClusterDomainEvent> events, Member member, Member? old)
    {
        if (old is null && member.Status < MemberStatus.Down)
        {
            events.Add(new ClusterEvent.MemberJoined(member with { Status = MemberStatus.Joining }));
        }

        if ((old?.Status ?? MemberStatus.Joining) < member.Status)
        {
            events.Add(member.Status switch
            {
                MemberStatus.Up => new ClusterEvent.MemberUp(member),
                MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
                _ => new ClusterEvent.MemberDowned(member),
            });
        }
    }

    private static void AddReachability(List<ClusterEvent.IClusterDomainEvent> events, Member member, Member? old)
    {
        if ((old?.IsReachable ?? true) != member.IsReachable)
        {
            events.Add(member.IsReachable
                ? new ClusterEvent.ReachableMember(member)
                : new ClusterEvent.UnreachableMember(member));
        }
    }

    private static Member? Find(IReadOnlyList<Member> members, string id)
    {
        foreach (var member in members)
        {
            if (member.Id == id)
            {
                return member;
            }
        }

        return null;
    }
}
