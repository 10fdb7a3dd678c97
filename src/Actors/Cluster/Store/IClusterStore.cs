using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster.Store;

/// <summary>
/// An event store that several nodes share, with what they must agree on: who is a member, and who owns which scope.
/// The only clock that counts is the store's own.
/// </summary>
/// <remarks>
/// <para><b>Leases.</b> A member holds a lease that ends at a time of the store's clock. Renewing works also when the
/// lease has run out, as long as nobody has declared the member down: until then nothing of its was taken.</para>
/// <para><b>Scopes.</b> A scope (a shard, a singleton) is owned by a member, or free. It can be claimed when it is free
/// or when its owner's lease has run out or its owner is no member; the claim raises its epoch, and from then on
/// every write under an older token is refused (<see cref="FencedException"/>). Setting a member down or removing it
/// frees what it owns, and a free scope refuses every write, whatever the token: so a member that is down can't write
/// even before somebody has claimed what it had.</para>
/// <para><b>Versions.</b> Every change of a member's status and of a scope's owner takes place under one lock and has a
/// number; <see cref="RenewAsync"/> tells what changed behind the number that the caller knows. Renewals alone change
/// no number and take no lock that others wait for.</para>
/// <para><b>Failures.</b> <see cref="EventStoreUnavailableException"/>: the outcome is not known; the caller asks again
/// or reads.</para>
/// </remarks>
public interface IClusterStore : IEventStore
{
    /// <summary>
    /// Adds a member in status <see cref="MemberStatus.Joining"/> with a lease of <paramref name="lease"/>. Members with
    /// the same address are set down in the same transaction: an earlier incarnation can't be alive any more. Joining
    /// again with an id that is a member already (after an outcome that isn't known) renews its lease and changes
    /// nothing else.
    /// </summary>
    /// <exception cref="MemberDownException">A member of this id is down: an id is used once.</exception>
    Task<ClusterView> JoinAsync(NewMember member, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Renews the lease of <paramref name="memberId"/> and reads the cluster.</summary>
    /// <param name="memberId">Who renews.</param>
    /// <param name="lease">Until when, counted from now by the store's clock.</param>
    /// <param name="knownVersion">The newest <see cref="ClusterView.Version"/> that the caller has; 0 for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MemberDownException">The member was set down or removed; it must join anew.</exception>
    Task<ClusterView> RenewAsync(
        string memberId, TimeSpan lease, long knownVersion, CancellationToken cancellationToken = default);

    /// <summary>Reads the cluster without being a member.</summary>
    Task<ClusterView> ReadClusterAsync(long knownVersion, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves a member on in its life: joining, up, leaving, down, removed; never back, and never out of down but to
    /// removed. Setting the status that it has already changes nothing. Removing deletes the row and frees its scopes.
    /// </summary>
    /// <returns>False if there is no such member, or the step would lead back.</returns>
    Task<bool> SetStatusAsync(string memberId, MemberStatus status, CancellationToken cancellationToken = default);

    /// <summary>
    /// Claims those of <paramref name="scopes"/> that can be claimed, in one transaction. A member from whom something
    /// is taken because its lease has run out is set down in the same transaction. A scope that
    /// <paramref name="memberId"/> owns already is returned with its present epoch. A member that isn't
    /// <see cref="MemberStatus.Up"/> gets nothing new.
    /// </summary>
    /// <exception cref="MemberDownException">The claimer is down or gone, or its own lease has run out.</exception>
    Task<IReadOnlyList<OwnershipToken>> ClaimAsync(
        string memberId, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default);

    /// <summary>Frees scopes whose tokens are current; others are left alone. The epochs stay.</summary>
    Task ReleaseAsync(
        string memberId, IReadOnlyList<OwnershipToken> tokens, CancellationToken cancellationToken = default);

    /// <summary>
    /// Calls <paramref name="changed"/>, from any thread, when another node may have changed something. A hint that
    /// makes things faster and may be missed; nothing depends on it.
    /// </summary>
    IDisposable OnChanged(Action changed);
}
