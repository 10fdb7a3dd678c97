using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <inheritdoc cref="IEventStore.AcquireOwnershipAsync"/>
internal sealed class AcquireOwnershipRequest(string scope, string owner) : WriteRequest<OwnershipToken>
{
    private long _epoch;

    public override long SizeBytes => 128;

    protected override OwnershipToken Result => new(scope, _epoch);

    public override Exception? Execute(WriteTransaction transaction)
    {
        _epoch = ClusterRules.Acquire(transaction.BeginClusterChange(), scope, owner);
        return null;
    }
}

/// <inheritdoc cref="IClusterStore.JoinAsync"/>
internal sealed class JoinRequest(NewMember member, long leaseMs) : WriteRequest<ClusterView>
{
    private ClusterView? _view;

    public override long SizeBytes => 512;

    protected override ClusterView Result => _view!;

    public override Exception? Execute(WriteTransaction transaction)
    {
        if (ClusterRules.Join(transaction.BeginClusterChange(), member, leaseMs) is { } refusal)
            return refusal;
        _view = transaction.ReadClusterView(knownVersion: 0);
        return null;
    }
}

/// <inheritdoc cref="IClusterStore.RenewAsync"/>
internal sealed class RenewRequest(string memberId, long leaseMs, long knownVersion) : WriteRequest<ClusterView>
{
    private ClusterView? _view;

    public override long SizeBytes => 128;

    protected override ClusterView Result => _view!;

    public override Exception? Execute(WriteTransaction transaction)
    {
        if (!transaction.Renew(memberId, leaseMs))
            return ClusterRules.IsDown(memberId);
        _view = transaction.ReadClusterView(knownVersion);
        return null;
    }
}

/// <inheritdoc cref="IClusterStore.SetStatusAsync"/>
internal sealed class SetStatusRequest(string memberId, MemberStatus status) : WriteRequest<bool>
{
    private bool _isSet;

    public override long SizeBytes => 128;

    protected override bool Result => _isSet;

    public override Exception? Execute(WriteTransaction transaction)
    {
        _isSet = ClusterRules.SetStatus(transaction.BeginClusterChange(), memberId, status);
        return null;
    }
}

/// <inheritdoc cref="IClusterStore.ClaimAsync"/>
internal sealed class ClaimRequest(string memberId, IReadOnlyList<string> scopes)
    : WriteRequest<IReadOnlyList<OwnershipToken>>
{
    private readonly List<OwnershipToken> _claimed = [];

    public override long SizeBytes => 128 + (64L * scopes.Count);

    protected override IReadOnlyList<OwnershipToken> Result => _claimed;

    public override Exception? Execute(WriteTransaction transaction) =>
        ClusterRules.Claim(transaction.BeginClusterChange(), memberId, scopes, _claimed);
}

/// <inheritdoc cref="IClusterStore.ReleaseAsync"/>
internal sealed class ReleaseRequest(string memberId, IReadOnlyList<OwnershipToken> tokens) : WriteRequest<bool>
{
    public override long SizeBytes => 128 + (64L * tokens.Count);

    protected override bool Result => true;

    public override Exception? Execute(WriteTransaction transaction)
    {
        ClusterRules.Release(transaction.BeginClusterChange(), memberId, tokens);
        return null;
    }
}
