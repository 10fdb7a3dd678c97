using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>A node of the cluster as others see it.</summary>
/// <param name="Id">Unique for each time that a node joins.</param>
/// <param name="Address">Where its actors are reached.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Roles">What it is for.</param>
/// <param name="AppVersion">Version of its program.</param>
/// <param name="HttpAddress">Where its HTTP API is reached; null if it has none.</param>
/// <param name="Number">Grows with each member that joins.</param>
/// <param name="JoinedAt">When it joined, by the store's clock.</param>
/// <param name="IsReachable">False when its lease has run out: what it owns may be taken.</param>
public sealed record Member(
    string Id,
    Address Address,
    MemberStatus Status,
    IReadOnlyList<string> Roles,
    string AppVersion,
    string? HttpAddress,
    long Number,
    DateTimeOffset JoinedAt,
    bool IsReachable)
{
    /// <summary>Whether what it owns is safe from others.</summary>
    internal bool IsLiving => IsReachable && Status < MemberStatus.Down;

    /// <summary>Whether it may be given something to own.</summary>
    internal bool IsEligible => IsReachable && Status == MemberStatus.Up;

    /// <summary>Whether it has a role; null is every member's.</summary>
    public bool HasRole(string? role) => role is null || Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>The address and the status.</summary>
    public override string ToString() => $"{Address} {Status}";

    /// <summary>Whether it joined before <paramref name="other"/>.</summary>
    public bool IsOlderThan(Member other) => Number < other.Number;

    /// <summary>Reads a stored row; null if its address is not one.</summary>
    internal static Member? From(MemberRow row, bool isReachable) =>
        Address.TryParse($"{Address.Protocol}://{row.Member.Address}", out var address)
            ? new Member(
                row.Member.Id, address, row.Status, row.Member.Roles, row.Member.AppVersion, row.Member.HttpAddress,
                row.Number, row.JoinedAt, isReachable)
            : null;

    /// <summary>An address as it is stored, <c>system@host:port</c>.</summary>
    internal static string Stored(Address address) => address.ToString()[(Address.Protocol.Length + 3)..];
}
