using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

public sealed partial class SqliteEventStore
{
    /// <inheritdoc/>
    public Task<ClusterView> JoinAsync(
        NewMember member, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ClusterRules.Check(member);
        return Write(new JoinRequest(member, ClusterRules.LeaseMs(lease)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ClusterView> RenewAsync(
        string memberId, TimeSpan lease, long knownVersion, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new RenewRequest(memberId, ClusterRules.LeaseMs(lease), knownVersion);
        _queue.EnqueueUrgent(request); // a lease must not run out behind a queue of events
        return request.Task;
    }

    /// <inheritdoc/>
    public Task<ClusterView> ReadClusterAsync(long knownVersion, CancellationToken cancellationToken = default)
    {
        return _reads.RunAsync(Read, cancellationToken);

        ClusterView Read(ReadConnection connection)
        {
            connection.Prepared("BEGIN").Run(); // the three lists must be of one moment
            var view = SqliteClusterQueries.ReadView(connection.Prepared, knownVersion, _time.GetUtcNow());
            connection.Prepared("COMMIT").Run();
            return view;
        }
    }

    /// <inheritdoc/>
    public Task<bool> SetStatusAsync(
        string memberId, MemberStatus status, CancellationToken cancellationToken = default) =>
        Write(new SetStatusRequest(memberId, status), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwnershipToken>> ClaimAsync(
        string memberId, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default)
    {
        ClusterRules.CheckScopes(scopes);
        return Write(new ClaimRequest(memberId, scopes), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(
        string memberId, IReadOnlyList<OwnershipToken> tokens, CancellationToken cancellationToken = default) =>
        Write(new ReleaseRequest(memberId, tokens), cancellationToken);

    /// <inheritdoc/>
    public IDisposable OnChanged(Action changed) => _changes.Subscribe(changed);

    private Task<long> ReadClusterVersionAsync() => _reads.RunAsync(
        connection => SqliteClusterQueries.ReadVersion(connection.Prepared), CancellationToken.None);
}
