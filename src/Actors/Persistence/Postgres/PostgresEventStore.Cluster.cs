using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Postgres;

// Joining and claiming don't wait for the node's own writes; releasing does, because they must take effect before.
public sealed partial class PostgresEventStore
{
    /// <inheritdoc/>
    public async Task<ClusterView> JoinAsync(
        NewMember member, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ClusterRules.Check(member);
        var leaseMs = ClusterRules.LeaseMs(lease);
        await Change(_cluster, Join, cancellationToken).ConfigureAwait(false);
        return await ReadClusterAsync(0, cancellationToken).ConfigureAwait(false);

        bool Join(IClusterTables tables) =>
            ClusterRules.Join(tables, member, leaseMs) is { } refusal ? throw refusal : true;
    }

    /// <inheritdoc/>
    public async Task<ClusterView> RenewAsync(
        string memberId, TimeSpan lease, long knownVersion, CancellationToken cancellationToken = default)
    {
        var leaseMs = ClusterRules.LeaseMs(lease);
        var view = await _leases.RunAsync(
            connection => PostgresCluster.RenewAsync(connection, memberId, leaseMs, knownVersion, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return view ?? throw ClusterRules.IsDown(memberId);
    }

    /// <inheritdoc/>
    public async Task<ClusterView> ReadClusterAsync(long knownVersion, CancellationToken cancellationToken = default) =>
        (await _leases.RunAsync(
            connection => PostgresCluster.RenewAsync(connection, null, 0, knownVersion, cancellationToken),
            cancellationToken).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public Task<bool> SetStatusAsync(
        string memberId, MemberStatus status, CancellationToken cancellationToken = default) =>
        Change(_cluster, tables => ClusterRules.SetStatus(tables, memberId, status), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwnershipToken>> ClaimAsync(
        string memberId, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default)
    {
        ClusterRules.CheckScopes(scopes);
        return Change(_cluster, Claim, cancellationToken);

        IReadOnlyList<OwnershipToken> Claim(IClusterTables tables)
        {
            var claimed = new List<OwnershipToken>();
            return ClusterRules.Claim(tables, memberId, scopes, claimed) is { } refusal ? throw refusal : claimed;
        }
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(
        string memberId, IReadOnlyList<OwnershipToken> tokens, CancellationToken cancellationToken = default)
    {
        return Change(_writer, Release, cancellationToken);

        bool Release(IClusterTables tables)
        {
            ClusterRules.Release(tables, memberId, tokens);
            return true;
        }
    }

    /// <inheritdoc/>
    public IDisposable OnChanged(Action changed) => _notifications.Subscribe(changed);

    private Task<TResult> Change<TResult>(
        PostgresWriter writer, Func<IClusterTables, TResult> change, CancellationToken cancellationToken) =>
        Alone(
            writer,
            new LoneRequest<TResult>(
                connection => PostgresCluster.Change(connection, _settings.UseNotifications, change)),
            cancellationToken);
}
