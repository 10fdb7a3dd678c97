using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster.Store;

/// <summary>
/// What joining, claiming and so on do to the tables: the same for every store. Whatever refuses is looked at before
/// anything is changed.
/// </summary>
internal static class ClusterRules
{
    private static readonly TimeSpan LeaseMax = TimeSpan.FromDays(1);
    private const int RolesMax = 64;

    /// <summary>Throws <see cref="ArgumentException"/> if a part breaks a bound.</summary>
    public static void Check(NewMember member)
    {
        StoreLimits.CheckName(member.Id, "A member's id");
        StoreLimits.CheckName(member.Address, "A member's address");
        StoreLimits.CheckName(member.AppVersion, "A member's version");
        if (member.HttpAddress is not null)
            StoreLimits.CheckName(member.HttpAddress, "A member's HTTP address");
        if (member.Roles.Count > RolesMax)
            throw new ArgumentException($"A member may have {RolesMax} roles; found {member.Roles.Count}.");
        foreach (var role in member.Roles)
            StoreLimits.CheckTag(role);
    }

    /// <summary>Throws <see cref="ArgumentException"/> if a part breaks a bound.</summary>
    public static void CheckScopes(IReadOnlyList<string> scopes)
    {
        if (scopes.Count > StoreLimits.MaxPageRows)
            throw new ArgumentException(
                $"{StoreLimits.MaxPageRows:N0} scopes may be named at once; found {scopes.Count:N0}.");
        foreach (var scope in scopes)
            StoreLimits.CheckName(scope, "A scope");
    }

    /// <summary>A lease in milliseconds, within its bounds.</summary>
    public static long LeaseMs(TimeSpan lease) =>
        lease > TimeSpan.Zero && lease <= LeaseMax
            ? (long)lease.TotalMilliseconds
            : throw new ArgumentException($"A lease must be longer than 0 and at most {LeaseMax}; found {lease}.");

    /// <inheritdoc cref="IClusterStore.JoinAsync"/>
    /// <returns>Why it is refused; null if it isn't.</returns>
    public static MemberDownException? Join(IClusterTables tables, NewMember member, long leaseMs)
    {
        var leaseUntil = tables.NowUnixMs + leaseMs;
        var members = tables.ReadMembers();
        foreach (var known in members.Where(known => known.Id == member.Id))
        {
            if (known.Status == MemberStatus.Down)
                return IsDown(member.Id);
            tables.SetLease(member.Id, leaseUntil);
            return null;
        }
        foreach (var former in members.Where(other => other.Address == member.Address))
            SetDown(tables, former);
        tables.InsertMember(member, leaseUntil);
        return null;
    }

    /// <inheritdoc cref="IClusterStore.SetStatusAsync"/>
    public static bool SetStatus(IClusterTables tables, string memberId, MemberStatus status)
    {
        var found = tables.ReadMembers().Where(member => member.Id == memberId).ToList();
        if (found.Count == 0 || status < found[0].Status)
            return false;
        if (status == MemberStatus.Removed)
        {
            tables.FreeScopesOf(memberId);
            tables.DeleteMember(memberId);
        }
        else if (status == MemberStatus.Down)
        {
            SetDown(tables, found[0]);
        }
        else if (status > found[0].Status)
        {
            tables.SetStatus(memberId, status);
        }
        return true;
    }

    /// <inheritdoc cref="IClusterStore.ClaimAsync"/>
    /// <returns>Why it is refused; null if it isn't.</returns>
    public static MemberDownException? Claim(
        IClusterTables tables, string memberId, IReadOnlyList<string> scopes, List<OwnershipToken> claimed)
    {
        claimed.Clear(); // a transaction may be repeated
        var owners = tables.LockScopes(scopes);
        var members = tables.ReadMembers().ToDictionary(member => member.Id, StringComparer.Ordinal);
        if (!members.TryGetValue(memberId, out var claimer) || claimer.Status == MemberStatus.Down)
            return IsDown(memberId);
        if (!claimer.IsAliveAt(tables.NowUnixMs))
            return new MemberDownException($"Member '{memberId}' can't claim: its lease has run out.");
        foreach (var scope in scopes.Distinct(StringComparer.Ordinal))
        {
            var (epoch, ownerId) = owners.GetValueOrDefault(scope);
            if (ownerId == memberId)
            {
                claimed.Add(new OwnershipToken(scope, epoch));
            }
            else if (claimer.Status == MemberStatus.Up && TakeFrom(tables, members, ownerId))
            {
                tables.SetOwner(scope, memberId, epoch + 1);
                claimed.Add(new OwnershipToken(scope, epoch + 1));
            }
        }
        return null;
    }

    /// <inheritdoc cref="IClusterStore.ReleaseAsync"/>
    public static void Release(IClusterTables tables, string memberId, IReadOnlyList<OwnershipToken> tokens)
    {
        var owners = tables.LockScopes([.. tokens.Select(token => token.Scope)]);
        foreach (var (scope, epoch) in tokens.Distinct())
        {
            if (owners.GetValueOrDefault(scope) == new ScopeOwner(epoch, memberId))
                tables.SetOwner(scope, null, epoch);
        }
    }

    /// <inheritdoc cref="IEventStore.AcquireOwnershipAsync"/>
    public static long Acquire(IClusterTables tables, string scope, string owner)
    {
        var epoch = tables.LockScopes([scope]).GetValueOrDefault(scope).Epoch + 1;
        tables.SetOwner(scope, owner, epoch);
        return epoch;
    }

    public static MemberDownException IsDown(string memberId) =>
        new($"Member '{memberId}' is down or gone: it must stop what it does and join anew, with a new id.");

    // Whether the owner is nobody, or nobody any more.
    private static bool TakeFrom(IClusterTables tables, Dictionary<string, MemberLease> members, string? ownerId)
    {
        if (ownerId is null || !members.TryGetValue(ownerId, out var owner) || owner.Status == MemberStatus.Down)
            return true;
        if (owner.IsAliveAt(tables.NowUnixMs) || !tables.SetDownIfExpired(ownerId))
            return false;
        tables.FreeScopesOf(ownerId);
        members[ownerId] = owner with { Status = MemberStatus.Down };
        return true;
    }

    private static void SetDown(IClusterTables tables, MemberLease member)
    {
        if (member.Status == MemberStatus.Down)
            return;
        tables.SetStatus(member.Id, MemberStatus.Down);
        tables.FreeScopesOf(member.Id);
    }
}
