using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

/// <summary>The tables of a cluster in memory.</summary>
internal sealed class SimulatedCluster : IClusterTables
{
    private readonly List<Member> _members = []; // by number
    private readonly SortedDictionary<string, Scope> _scopes = new(StringComparer.Ordinal);
    private long _lastNumber;
    private long _change;

    public long Version { get; private set; } = 1;

    public long NowUnixMs { get; private set; }

    public IClusterTables BeginChange(long nowUnixMs)
    {
        NowUnixMs = nowUnixMs;
        _change = 0;
        return this;
    }

    public Scope? FindScope(string scope) => _scopes.GetValueOrDefault(scope);

    public bool Renew(string memberId, long leaseUntilUnixMs)
    {
        if (Find(memberId) is not { Status: < MemberStatus.Down } member)
            return false;
        member.LeaseUntilUnixMs = leaseUntilUnixMs;
        return true;
    }

    public ClusterView View(long knownVersion, long nowUnixMs) => new(
        Version,
        [.. _members.Select(member => member.Row(nowUnixMs))],
        [.. _scopes.Where(scope => scope.Value.Version > knownVersion)
            .OrderBy(scope => scope.Value.Version)
            .Select(scope => new ScopeRow(new OwnershipToken(scope.Key, scope.Value.Epoch), scope.Value.OwnerId))]);

    public IReadOnlyList<MemberLease> ReadMembers() =>
        [.. _members.Select(member => new MemberLease(
            member.Told.Id, member.Told.Address, member.Status, member.LeaseUntilUnixMs))];

    public IReadOnlyDictionary<string, ScopeOwner> LockScopes(IReadOnlyList<string> scopes) => scopes
        .Where(_scopes.ContainsKey)
        .Distinct(StringComparer.Ordinal)
        .ToDictionary(scope => scope, scope => new ScopeOwner(_scopes[scope].Epoch, _scopes[scope].OwnerId));

    public void InsertMember(NewMember member, long leaseUntilUnixMs)
    {
        Change();
        _members.Add(new Member(member, ++_lastNumber, NowUnixMs) { LeaseUntilUnixMs = leaseUntilUnixMs });
    }

    public void SetLease(string memberId, long leaseUntilUnixMs) => Find(memberId)!.LeaseUntilUnixMs = leaseUntilUnixMs;

    public void SetStatus(string memberId, MemberStatus status)
    {
        Change();
        Find(memberId)!.Status = status;
    }

    public bool SetDownIfExpired(string memberId)
    {
        SetStatus(memberId, MemberStatus.Down);
        return true;
    }

    public void FreeScopesOf(string memberId)
    {
        var version = Change();
        foreach (var (name, scope) in _scopes.Where(scope => scope.Value.OwnerId == memberId).ToList())
            _scopes[name] = scope with { OwnerId = null, Version = version };
    }

    public void DeleteMember(string memberId)
    {
        Change();
        _members.Remove(Find(memberId)!);
    }

    public void SetOwner(string scope, string? ownerId, long epoch) =>
        _scopes[scope] = new Scope(epoch, ownerId, Change(), NowUnixMs);

    private Member? Find(string memberId) => _members.Find(member => member.Told.Id == memberId);

    private long Change() => _change = _change > 0 ? _change : ++Version;

    /// <summary>A scope and the number of its last change.</summary>
    internal sealed record Scope(long Epoch, string? OwnerId, long Version, long ChangedUnixMs);

    private sealed class Member(NewMember told, long number, long joinedUnixMs)
    {
        public NewMember Told => told;

        public MemberStatus Status { get; set; } = MemberStatus.Joining;

        public long LeaseUntilUnixMs { get; set; }

        public MemberRow Row(long nowUnixMs) => new(
            told, Status, number, DateTimeOffset.FromUnixTimeMilliseconds(joinedUnixMs),
            TimeSpan.FromMilliseconds(LeaseUntilUnixMs - nowUnixMs));
    }
}
