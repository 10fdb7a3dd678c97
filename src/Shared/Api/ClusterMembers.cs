using System.Text.Json.Serialization;

namespace GpuActors.Shared.Api;

/// <summary>Where a scheduler node is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MemberState>))]
public enum MemberState
{
    /// <summary>It has a lease, but owns nothing yet.</summary>
    [JsonStringEnumMemberName("joining")]
    Joining,

    /// <summary>It takes part.</summary>
    [JsonStringEnumMemberName("up")]
    Up,

    /// <summary>It hands over what it owns.</summary>
    [JsonStringEnumMemberName("leaving")]
    Leaving,

    /// <summary>It may not write any more; what it owned is taken over.</summary>
    [JsonStringEnumMemberName("down")]
    Down,

    /// <summary>It is gone.</summary>
    [JsonStringEnumMemberName("removed")]
    Removed,
}

/// <summary>A scheduler node as a member of the cluster.</summary>
public sealed record ClusterMember
{
    /// <summary>Where its actors are reached: <c>host:port</c>. Names the member in requests.</summary>
    public required string Address { get; init; }

    /// <summary>Where its HTTP API is reached.</summary>
    public string? HttpAddress { get; init; }

    /// <summary>Where it is in its life.</summary>
    public MemberState State { get; init; }

    /// <summary>False when its lease has run out: what it owns may be taken over.</summary>
    public bool Reachable { get; init; }

    /// <summary>Whether it is the oldest that is up.</summary>
    public bool Leader { get; init; }

    /// <summary>Whether it is the node that answered.</summary>
    public bool Self { get; init; }

    /// <summary>What it is for.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>When it joined, by the database's clock.</summary>
    public DateTimeOffset JoinedAt { get; init; }
}

/// <summary>Answer of <c>GET /v1/cluster/members</c>, the oldest first.</summary>
public sealed record ClusterMemberList
{
    /// <summary>The members.</summary>
    public IReadOnlyList<ClusterMember> Members { get; init => field = value ?? []; } = [];
}

/// <summary>One of <c>GET /v1/cluster/events</c>: something changed among the members.</summary>
public sealed record ClusterChange
{
    /// <summary>When the answering node saw it, by its clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What: <c>MemberJoined</c>, <c>MemberUp</c>, <c>MemberLeft</c>, <c>MemberDowned</c>,
    /// <c>MemberRemoved</c>, <c>UnreachableMember</c>, <c>ReachableMember</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Who, as it is afterwards.</summary>
    public required ClusterMember Member { get; init; }
}
