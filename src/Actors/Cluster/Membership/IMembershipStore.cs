using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>The part of an <see cref="IClusterStore"/> that membership needs, so that a node without one can be a
/// cluster of its own.</summary>
internal interface IMembershipStore
{
    /// <summary>Whether epochs are checked at each write. If not there is only this node.</summary>
    bool IsShared { get; }

    Task<ClusterView> JoinAsync(NewMember member, TimeSpan lease);

    /// <summary>Who owns a scope now; null if nobody ever did.</summary>
    Task<Ownership?> ReadOwnershipAsync(string scope);

    Task<ClusterView> RenewAsync(string memberId, TimeSpan lease, long knownVersion);

    /// <summary>The whole cluster, for who is no member.</summary>
    Task<ClusterView> ReadClusterAsync();

    Task<bool> SetStatusAsync(string memberId, MemberStatus status);

    Task<IReadOnlyList<OwnershipToken>> ClaimAsync(string memberId, IReadOnlyList<string> scopes);

    Task ReleaseAsync(string memberId, IReadOnlyList<OwnershipToken> tokens);

    IDisposable OnChanged(Action changed);
}

/// <summary>Over a real store. What it throws at once fails the task, too.</summary>
internal sealed class SharedMembershipStore(IClusterStore store) : IMembershipStore
{
    public bool IsShared => true;

    public async Task<ClusterView> JoinAsync(NewMember member, TimeSpan lease) => await store.JoinAsync(member, lease);

    public async Task<Ownership?> ReadOwnershipAsync(string scope) => await store.ReadOwnershipAsync(scope);

    public async Task<ClusterView> RenewAsync(string memberId, TimeSpan lease, long knownVersion) =>
        await store.RenewAsync(memberId, lease, knownVersion);

    public async Task<ClusterView> ReadClusterAsync() => await store.ReadClusterAsync(knownVersion: 0);

    public async Task<bool> SetStatusAsync(string memberId, MemberStatus status) =>
        await store.SetStatusAsync(memberId, status);

    public async Task<IReadOnlyList<OwnershipToken>> ClaimAsync(string memberId, IReadOnlyList<string> scopes) =>
        await store.ClaimAsync(memberId, scopes);

    public async Task ReleaseAsync(string memberId, IReadOnlyList<OwnershipToken> tokens) =>
        await store.ReleaseAsync(memberId, tokens);

    public IDisposable OnChanged(Action changed) => store.OnChanged(changed);
}
