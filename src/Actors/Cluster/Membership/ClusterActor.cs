using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster;

/// <summary>
/// Joins, renews the lease, keeps the view of the cluster, and claims and releases scopes for those who hold them.
/// Decisions are pure functions (<see cref="Housekeeping"/>, <see cref="MemberChanges"/>, <see cref="LeaseClock"/>);
/// here they meet the store and the clock.
/// </summary>
internal sealed partial class ClusterActor : UntypedActor, IWithTimers
{
    private const string LeaseEndTimer = "lease-end";
    private const string RefreshTimer = "refresh";
    private const string RejoinTimer = "rejoin";
    private const string LingerTimer = "linger";

    private readonly Cluster _cluster;
    private readonly IMembershipStore _store;
    private readonly ClusterSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ScopeTable _scopes = new();
    private IDisposable? _changes;
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

    public ClusterActor(Cluster cluster, IMembershipStore store)
    {
        _cluster = cluster;
        _store = store;
        _settings = cluster.Settings;
        _time = Context.System.Runtime.Time;
        _log = Context.GetLogger();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private long Now => _time.GetTimestamp();

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _changes = _store.OnChanged(() => self.Tell(RefreshCluster.Instance, ActorRefs.NoSender));
        Context.System.EventStream.Subscribe<OwnershipLost>(Self);
        Join();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _changes?.Dispose();
        _cluster.ActUntil(0);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Joined joined:
                OnJoined(joined);
                break;
            case JoinFailed failed:
                OnJoinFailed(failed);
                break;
            case RejoinNow:
                Join();
                break;
            case ClusterSeen seen:
                OnClusterSeen(seen);
                break;
            case Yielded yielded:
                OnYielded(yielded);
                break;
            case RenewNow:
                OnRenewNow();
                break;
            case RefreshCluster or ClusterChangedHint:
                Renew();
                break;
            case Renewed renewed:
                OnRenewed(renewed);
                break;
            case RenewFailed failed:
                OnRenewFailed(failed);
                break;
            case LeaseEnds:
                OnLeaseEnds();
                break;
            case ScopeChangeEnded ended:
                OnScopeChangeEnded(ended);
                break;
            case OwnershipLost lost:
                OnOwnershipLost(lost);
                break;
            default:
                OnRequest(message);
                break;
        }
    }

    private void OnRequest(object message)
    {
        switch (message)
        {
            case HoldScopes hold:
                AddHolder(hold.Prefix, Sender);
                break;
            case ClaimScopes claim:
                QueueClaims(claim.Scopes, Sender);
                break;
            case ReleaseScopes release:
                QueueReleases(release.Tokens, Sender);
                break;
            case SubscribeToCluster subscribe:
                OnSubscribe(subscribe);
                break;
            case UnsubscribeFromCluster unsubscribe:
                RemoveSubscriber(unsubscribe.Subscriber);
                break;
            case ChangeStatus change:
                OnChangeStatus(change);
                break;
            case HandOverAll:
                OnHandOverAll();
                break;
            case RemoveSelf:
                OnRemoveSelf();
                break;
            case RemovalEnded ended:
                OnRemovalEnded(ended);
                break;
            case LingerOver:
                FinishHandOver();
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnTerminated(IActorRef dead)
    {
        RemoveSubscriber(dead);
        _holders.RemoveAll(holder => holder.Ref.Equals(dead));
    }

    /// <summary>A write was refused: somebody else owns a scope that this node thinks is its own.</summary>
    private void OnOwnershipLost(OwnershipLost lost)
    {
        foreach (var holder in _holders)
        {
            if (lost.Token.Scope.StartsWith(holder.Prefix, StringComparison.Ordinal))
            {
                holder.Ref.Tell(lost, Self);
            }
        }

        Renew();
    }
}
