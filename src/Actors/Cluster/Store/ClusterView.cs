using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster.Store;

/// <summary>A member's life. Numbers are stored.</summary>
public enum MemberStatus
{
    /// <summary>It has a lease, but takes nothing over yet.</summary>
    Joining = 0,

    /// <summary>It may own scopes.</summary>
    Up = 1,

    /// <summary>It hands over what it owns and takes nothing new.</summary>
    Leaving = 2,

    /// <summary>It may not write any more; what it owned is free. It can't come back but as a new member.</summary>
    Down = 3,

    /// <summary>It is gone.</summary>
    Removed = 4,
}

/// <summary>What a node tells of itself when it joins.</summary>
/// <param name="Id">Unique for ever: a new one for each time a node joins.</param>
/// <param name="Address">Where its actors are reached, <c>system@host:port</c>.</param>
/// <param name="HttpAddress">Where its HTTP API is reached; null if it has none.</param>
/// <param name="Roles">What it is for.</param>
/// <param name="AppVersion">Version of its program.</param>
public sealed record NewMember(
    string Id, string Address, string? HttpAddress, IReadOnlyList<string> Roles, string AppVersion);

/// <summary>A member as the store has it.</summary>
/// <param name="Member">What it told of itself.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Number">Grows with each member that joins: the lower, the older.</param>
/// <param name="JoinedAt">When it joined, by the store's clock.</param>
/// <param name="LeaseLeft">How long its lease went on when the view was read; zero or less: it has run out.</param>
public sealed record MemberRow(
    NewMember Member, MemberStatus Status, long Number, DateTimeOffset JoinedAt, TimeSpan LeaseLeft);

/// <summary>A scope and who owns it.</summary>
/// <param name="Token">The scope with its newest epoch.</param>
/// <param name="OwnerId">The member that owns it; null if it is free.</param>
public sealed record ScopeRow(OwnershipToken Token, string? OwnerId);

/// <summary>The cluster at one moment.</summary>
/// <param name="Version">Number of the newest change that the view contains.</param>
/// <param name="Members">All members that are not removed, by their number.</param>
/// <param name="ChangedScopes">Scopes that changed behind the version that the caller knew; all if it knew none.</param>
public sealed record ClusterView(
    long Version, IReadOnlyList<MemberRow> Members, IReadOnlyList<ScopeRow> ChangedScopes);

/// <summary>A member was set down or removed, or its lease has run out: it must stop acting and join anew.</summary>
public sealed class MemberDownException(string message) : Exception(message);
