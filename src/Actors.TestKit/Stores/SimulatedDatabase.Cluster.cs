using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

public sealed partial class SimulatedDatabase
{
    private readonly SimulatedCluster _cluster = new();

    /// <summary>Called after each change of the cluster, within the transaction.</summary>
    internal event Action? ClusterChanged;

    internal OwnershipToken Acquire(string scope, string owner) =>
        Change(tables => new OwnershipToken(scope, ClusterRules.Acquire(tables, scope, owner)));

    internal Ownership? ReadOwnership(string scope) => _cluster.FindScope(scope) is { } found
        ? new Ownership(
            new OwnershipToken(scope, found.Epoch), found.OwnerId,
            DateTimeOffset.FromUnixTimeMilliseconds(found.ChangedUnixMs))
        : null;

    internal ClusterView Join(NewMember member, long leaseMs)
    {
        if (Change(tables => ClusterRules.Join(tables, member, leaseMs)) is { } refusal)
            throw refusal;
        return _cluster.View(knownVersion: 0, NowUnixMs);
    }

    internal ClusterView Renew(string memberId, long leaseMs, long knownVersion)
    {
        var now = NowUnixMs;
        if (!_cluster.Renew(memberId, now + leaseMs))
            throw ClusterRules.IsDown(memberId);
        return _cluster.View(knownVersion, now);
    }

    internal ClusterView ReadCluster(long knownVersion) => _cluster.View(knownVersion, NowUnixMs);

    internal bool SetStatus(string memberId, MemberStatus status) =>
        Change(tables => ClusterRules.SetStatus(tables, memberId, status));

    internal IReadOnlyList<OwnershipToken> Claim(string memberId, IReadOnlyList<string> scopes)
    {
        var claimed = new List<OwnershipToken>();
        if (Change(tables => ClusterRules.Claim(tables, memberId, scopes, claimed)) is { } refusal)
            throw refusal;
        return claimed;
    }

    internal bool Release(string memberId, IReadOnlyList<OwnershipToken> tokens) => Change(tables =>
    {
        ClusterRules.Release(tables, memberId, tokens);
        return true;
    });

    private T Change<T>(Func<IClusterTables, T> change)
    {
        var before = _cluster.Version;
        var result = change(_cluster.BeginChange(NowUnixMs));
        if (_cluster.Version != before)
            ClusterChanged?.Invoke();
        return result;
    }

    private void CheckOwnership(OwnershipToken token)
    {
        if (PlantedBug == PlantedStoreBug.SkipsEpochCheck)
            return;
        var current = _cluster.FindScope(token.Scope);
        if (current?.OwnerId is null || current.Epoch != token.Epoch)
            throw new FencedException(token, current?.Epoch ?? 0, current?.OwnerId);
    }
}
