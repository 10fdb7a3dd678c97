using GpuActors.Actors.Cluster.Store;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster;

/// <summary>Subscriptions, and leaving.</summary>
internal sealed partial class ClusterActor
{
    private readonly List<SubscribeToCluster> _subscribers = [];
    private readonly List<IActorRef> _awaitingHandOver = [];
    private readonly List<IActorRef> _awaitingRemoval = [];
    private bool _isLeaving;
    private bool _isHandedOver;

    private void OnSubscribe(SubscribeToCluster subscribe)
    {
        _subscribers.RemoveAll(known => known.Subscriber.Equals(subscribe.Subscriber));
        _subscribers.Add(subscribe);
        Context.Watch(subscribe.Subscriber);
        if (subscribe.Mode == ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot)
        {
            subscribe.Subscriber.Tell(new ClusterEvent.CurrentClusterState(_snapshot.Members), Self);
            return;
        }

        foreach (var happened in MemberChanges.Between([], _snapshot.Members))
        {
            Tell(subscribe, happened);
        }
    }

    private void RemoveSubscriber(IActorRef subscriber) =>
        _subscribers.RemoveAll(known => known.Subscriber.Equals(subscriber));

    private void PublishEvents(IReadOnlyList<Member> before, IReadOnlyList<Member> after)
    {
        foreach (var happened in MemberChanges.Between(before, after))
        {
            _log.LogInformation("{Event}", happened);
            foreach (var subscriber in _subscribers)
            {
                Tell(subscriber, happened);
            }
        }
    }

    private void Tell(SubscribeToCluster to, ClusterEvent.IClusterDomainEvent happened)
    {
        if (to.Types.Count == 0 || to.Types.Any(type => type.IsInstanceOfType(happened)))
        {
            to.Subscriber.Tell(happened, Self);
        }
    }

    private void OnChangeStatus(ChangeStatus change)
    {
        var member = change.Address is null
            ? _snapshot.Self
            : _snapshot.Members.LastOrDefault(m => m.Address == change.Address && m.Status < MemberStatus.Down);
        if (member is null || _selfId is null)
        {
            _log.LogWarning("There is no member {Address} to become {Status}", change.Address, change.Status);
            return;
        }

        QueueStatus(member.Id, change.Status);
    }

    private void OnHandOverAll()
    {
        _awaitingHandOver.Add(Sender);
        _isLeaving = true;
        if (_selfId is not null)
        {
            QueueStatus(_selfId, MemberStatus.Leaving);
        }

        CheckHandedOver();
    }

    /// <summary>Whether a leave that is under way has gone as far as it can.</summary>
    private void CheckHandedOver()
    {
        if (!_isLeaving)
        {
            LeaveIfTold();
            return;
        }

        if (_awaitingHandOver.Count == 0 || Timers.IsTimerActive(LingerTimer))
        {
            return;
        }

        var isOut = _selfId is null;
        if (!isOut && !(_snapshot.IsLeaving && _scopes.CountOwnedBy(_selfId!) == 0 && _releases.Count == 0))
        {
            return;
        }

        var hasHeirs = _snapshot.Members.Any(member => member.Id != _selfId && member.IsLiving);
        if (isOut || _isHandedOver || !hasHeirs)
        {
            FinishHandOver();
        }
        else
        {
            Timers.StartSingleTimer(LingerTimer, LingerOver.Instance, _settings.LeaveLinger);
        }
    }

    private void FinishHandOver()
    {
        _isHandedOver = true;
        foreach (var waiting in _awaitingHandOver)
        {
            waiting.Tell(Done.Instance, Self);
        }

        _awaitingHandOver.Clear();
    }

    /// <summary>Another node or an operator has set this one to leave.</summary>
    private void LeaveIfTold()
    {
        if (!_snapshot.IsLeaving)
        {
            return;
        }

        _isLeaving = true;
        if (_settings.ShutdownAfterLeave)
        {
            _ = CoordinatedShutdown.Get(Context.System).Run(ClusterLeavingReason.Instance);
            return;
        }

        _ = _cluster.LeaveAsync();
    }

    private void OnRemoveSelf()
    {
        _isLeavingForGood = true;
        if (_cluster.IsTerminated)
        {
            Sender.Tell(Done.Instance, Self);
            return;
        }

        _awaitingRemoval.Add(Sender);
        if (_awaitingRemoval.Count > 1)
        {
            return;
        }

        Timers.Cancel(RejoinTimer);
        if (_selfId is not { } id)
        {
            FinishRemoval();
            return;
        }

        _ = _store.SetStatusAsync(id, MemberStatus.Removed).PipeTo(
            Self, success: _ => new RemovalEnded(null), failure: cause => new RemovalEnded(cause));
    }

    private void OnRemovalEnded(RemovalEnded ended)
    {
        if (ended.Cause is not null)
        {
            _log.LogWarning("The membership ends without a farewell: {Problem}", ended.Cause.Message);
        }

        HintPeers();
        FinishRemoval();
    }

    private void FinishRemoval()
    {
        var before = _snapshot;
        EndMembership();
        if (before.Self is { } self)
        {
            var others = before.Members.Where(member => member.Id != self.Id).ToArray();
            Publish(new ClusterSnapshot(null, false, others), []);
        }

        _cluster.Terminated();
        foreach (var waiting in _awaitingRemoval)
        {
            waiting.Tell(Done.Instance, Self);
        }
    }

    private sealed record RemovalEnded(Exception? Cause);

    private sealed class LingerOver
    {
        public static LingerOver Instance { get; } = new();
    }
}

/// <summary>The node was told to leave its cluster.</summary>
internal sealed record ClusterLeavingReason : CoordinatedShutdown.Reason
{
    public static ClusterLeavingReason Instance { get; } = new();
}
