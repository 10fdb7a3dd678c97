using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>What <see cref="Cluster.Subscribe(IActorRef, Type[])"/> delivers.</summary>
public static class ClusterEvent
{
    /// <summary>How a subscription begins.</summary>
    public enum SubscriptionInitialStateMode
    {
        /// <summary>With one <see cref="CurrentClusterState"/>.</summary>
        InitialStateAsSnapshot = 0,

        /// <summary>With the events that would have led here.</summary>
        InitialStateAsEvents = 1,
    }

    /// <summary>Anything that the cluster tells.</summary>
    public interface IClusterDomainEvent;

    /// <summary>A member came, changed its status or went.</summary>
    public interface IMemberEvent : IClusterDomainEvent
    {
        /// <summary>Who, with its new status.</summary>
        Member Member { get; }
    }

    /// <summary>It has a lease, but owns nothing yet.</summary>
    public sealed record MemberJoined(Member Member) : IMemberEvent;

    /// <summary>It may own shards and singletons.</summary>
    public sealed record MemberUp(Member Member) : IMemberEvent;

    /// <summary>It hands over what it owns.</summary>
    public sealed record MemberLeft(Member Member) : IMemberEvent;

    /// <summary>It may not write any more; what it owned is taken over.</summary>
    public sealed record MemberDowned(Member Member) : IMemberEvent;

    /// <summary>It is gone.</summary>
    public sealed record MemberRemoved(Member Member, MemberStatus PreviousStatus) : IMemberEvent;

    /// <summary>Its lease has run out.</summary>
    public sealed record UnreachableMember(Member Member) : IClusterDomainEvent;

    /// <summary>It has renewed its lease after all.</summary>
    public sealed record ReachableMember(Member Member) : IClusterDomainEvent;

    /// <summary>The cluster at one moment.</summary>
    /// <param name="Members">All that are not removed, the oldest first.</param>
    public sealed record CurrentClusterState(IReadOnlyList<Member> Members)
    {
        /// <summary>Nothing is known yet.</summary>
        public static CurrentClusterState Empty { get; } = new([]);

        /// <summary>Those whose lease has run out.</summary>
        public IReadOnlyList<Member> Unreachable => [.. Members.Where(member => !member.IsReachable)];

        /// <summary>The oldest member that is up and has its lease; null without any.</summary>
        public Address? Leader => RoleLeader(null);

        /// <summary>The same among those with a role.</summary>
        public Address? RoleLeader(string? role) =>
            Members.FirstOrDefault(member => member.IsEligible && member.HasRole(role))?.Address;
    }
}
