using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>What those who hold scopes need to know of the cluster.</summary>
/// <param name="SelfId">This node as a member; null while it is none.</param>
/// <param name="IsActing">Whether this node's lease holds by its own clock.</param>
/// <param name="Members">All members, the oldest first.</param>
internal sealed record ClusterSnapshot(string? SelfId, bool IsActing, IReadOnlyList<Member> Members)
{
    /// <summary>Before the node has joined.</summary>
    public static ClusterSnapshot Empty { get; } = new(null, false, []);

    /// <summary>This node's own entry.</summary>
    public Member? Self => SelfId is null ? null : Find(SelfId);

    /// <summary>Whether this node hands over what it owns.</summary>
    public bool IsLeaving => Self?.Status == MemberStatus.Leaving;

    /// <summary>A member by its id.</summary>
    public Member? Find(string id)
    {
        foreach (var member in Members)
        {
            if (member.Id == id)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>Members that may be given something to own.</summary>
    public IReadOnlyList<Member> Eligible(string? role) =>
        [.. Members.Where(member => member.IsEligible && member.HasRole(role))];
}
