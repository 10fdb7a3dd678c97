using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

public sealed partial class SimulatedStore
{
    /// <inheritdoc/>
    public Task<OwnershipToken> AcquireOwnershipAsync(
        string scope, string owner, CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(scope, "A scope");
        StoreLimits.CheckName(owner, "An owner");
        return Write(StoreOperation.Acquire, database => database.Acquire(scope, owner), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(AtomicWrite write, CancellationToken cancellationToken = default)
    {
        write.Validate();
        return Write(StoreOperation.Write, database => database.Append(write), cancellationToken);
    }

    /// <inheritdoc/>
    public Task SaveSnapshotAsync(
        OwnershipToken ownership, NewSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        snapshot.Validate();
        return Change(database => database.SaveSnapshot(ownership, snapshot), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteEventsAsync(
        OwnershipToken ownership,
        string persistenceId,
        long toSequenceNr,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(persistenceId, "A persistence id");
        return Change(database => database.DeleteEvents(ownership, persistenceId, toSequenceNr), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteSnapshotsAsync(
        OwnershipToken ownership,
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken = default)
    {
        StoreLimits.CheckName(persistenceId, "A persistence id");
        return Change(database => database.DeleteSnapshots(ownership, persistenceId, criteria), cancellationToken);
    }

    /// <inheritdoc/>
    public Task PutBlobsAsync(
        OwnershipToken ownership, IReadOnlyList<Blob> blobs, CancellationToken cancellationToken = default) =>
        Change(database => database.PutBlobs(ownership, blobs), cancellationToken);

    /// <inheritdoc/>
    public Task PutBlobPartAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        int index,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken = default)
    {
        BlobUploadParts.CheckPart(owner, index, bytes.Length);
        return Change(database => database.PutBlobPart(ownership, owner, uploadId, index, bytes), cancellationToken);
    }

    /// <inheritdoc/>
    public Task CompleteBlobAsync(
        OwnershipToken ownership,
        string owner,
        Guid uploadId,
        BlobHash hash,
        long sizeBytes,
        CancellationToken cancellationToken = default)
    {
        BlobUploadParts.CheckSize(owner, sizeBytes);
        return Change(
            database => database.CompleteBlob(ownership, owner, uploadId, hash, sizeBytes), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ClusterView> JoinAsync(
        NewMember member, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ClusterRules.Check(member);
        var leaseMs = ClusterRules.LeaseMs(lease);
        return Ask(StoreOperation.Join, database => database.Join(member, leaseMs), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ClusterView> RenewAsync(
        string memberId, TimeSpan lease, long knownVersion, CancellationToken cancellationToken = default)
    {
        var leaseMs = ClusterRules.LeaseMs(lease);
        return Ask(
            StoreOperation.Renew, database => database.Renew(memberId, leaseMs, knownVersion), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> SetStatusAsync(
        string memberId, MemberStatus status, CancellationToken cancellationToken = default) =>
        Ask(StoreOperation.SetStatus, database => database.SetStatus(memberId, status), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwnershipToken>> ClaimAsync(
        string memberId, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default)
    {
        ClusterRules.CheckScopes(scopes);
        return Ask(StoreOperation.Claim, database => database.Claim(memberId, scopes), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(
        string memberId, IReadOnlyList<OwnershipToken> tokens, CancellationToken cancellationToken = default) =>
        Write(StoreOperation.Release, database => database.Release(memberId, tokens), cancellationToken);

    private Task<bool> Change(Action<SimulatedDatabase> change, CancellationToken cancellationToken) => Write(
        StoreOperation.Write,
        database =>
        {
            change(database);
            return true;
        },
        cancellationToken);
}
