namespace GpuActors.Actors.Cluster.Store;

/// <summary>A member as the rules need it.</summary>
internal readonly record struct MemberLease(string Id, string Address, MemberStatus Status, long LeaseUntilUnixMs)
{
    public bool IsAliveAt(long nowUnixMs) => Status < MemberStatus.Down && LeaseUntilUnixMs > nowUnixMs;
}

/// <summary>A scope's newest epoch and its owner; null if it is free.</summary>
internal readonly record struct ScopeOwner(long Epoch, string? OwnerId);

/// <summary>
/// The tables of a cluster within one transaction that holds the cluster's lock: what <see cref="ClusterRules"/> reads
/// and changes. Each store has its own. Whatever changes gets the number of the transaction's change.
/// </summary>
internal interface IClusterTables
{
    /// <summary>The store's clock, in milliseconds since 1970.</summary>
    long NowUnixMs { get; }

    /// <summary>All members that are not removed.</summary>
    IReadOnlyList<MemberLease> ReadMembers();

    /// <summary>
    /// Those of <paramref name="scopes"/> that exist. Until the transaction ends nobody else can write under their
    /// tokens, and all who did have committed.
    /// </summary>
    IReadOnlyDictionary<string, ScopeOwner> LockScopes(IReadOnlyList<string> scopes);

    /// <summary>Adds a member in status joining, with the next number.</summary>
    void InsertMember(NewMember member, long leaseUntilUnixMs);

    void SetLease(string memberId, long leaseUntilUnixMs);

    void SetStatus(string memberId, MemberStatus status);

    /// <summary>Sets a member down unless it has renewed its lease meanwhile; false if it has.</summary>
    bool SetDownIfExpired(string memberId);

    /// <summary>Makes everything that the member owns free.</summary>
    void FreeScopesOf(string memberId);

    void DeleteMember(string memberId);

    /// <summary>Gives a scope to an owner (null: to nobody), adding the scope if it isn't there.</summary>
    void SetOwner(string scope, string? ownerId, long epoch);
}
