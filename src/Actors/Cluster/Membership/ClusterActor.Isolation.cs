using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Remoting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster;

/// <summary>A node that reaches the store but not the other members.</summary>
internal sealed partial class ClusterActor
{
    private readonly Dictionary<Address, TimeSpan> _lostFor = [];
    private long _lookedAt;
    private bool _hasYielded;

    /// <summary>Called at every renewal.</summary>
    private void YieldIfIsolated()
    {
        LookForPeers(_snapshot.Members);
        if (_isLeaving || _selfId is not { } id || !_lease.MayAct(Now)
            || !Isolation.MustYield(
                _snapshot.Members, id, member => _lostFor.GetValueOrDefault(member.Address), _settings.UnreachableAfter))
        {
            return;
        }

        // It stops before the store says that others may take over. Should the store not hear of it, its lease ends.
        var lost = _lostFor.Where(lost => lost.Value >= _settings.UnreachableAfter).Select(lost => lost.Key);
        _hasYielded = true;
        LoseMembership($"it reaches the store but not {string.Join(", ", lost)}; it joins again when it reaches all");
        _ = _store.SetStatusAsync(id, MemberStatus.Down).PipeTo(
            Self, success: _ => new Yielded(null), failure: cause => new Yielded(cause));
    }

    private void OnYielded(Yielded yielded)
    {
        if (yielded.Problem is { } problem)
        {
            _log.LogWarning("The store does not know yet that this node makes way: {Problem}", problem.Message);
        }

        HintPeers();
    }

    /// <summary>Counts for how long members were not connected, and has them dialled. A pause of this node itself does
    /// not count.</summary>
    private void LookForPeers(IReadOnlyList<Member> members)
    {
        if (!_store.IsShared || !Context.System.TryGetExtension<RemoteExtension>(out var remoting))
        {
            return;
        }

        var now = Now;
        var longest = 2 * _settings.RenewInterval;
        var elapsed = _time.GetElapsedTime(_lookedAt, now);
        elapsed = elapsed < longest ? elapsed : longest;
        _lookedAt = now;
        var lost = members.Where(member => member.IsEligible && member.Address != remoting.Address
            && !remoting.IsConnected(member.Address)).Select(member => member.Address).ToArray();
        foreach (var address in _lostFor.Keys.Except(lost).ToArray())
        {
            _lostFor.Remove(address);
        }

        foreach (var address in lost)
        {
            _lostFor[address] = _lostFor.TryGetValue(address, out var before) ? before + elapsed : TimeSpan.Zero;
            PeerAt(address).Tell(ClusterChangedHint.Instance, ActorRefs.NoSender);
        }
    }

    /// <summary>A node that has yielded joins when it is connected to all that are up.</summary>
    private void ReturnWhenConnected()
    {
        Timers.StartSingleTimer(RejoinTimer, RejoinNow.Instance, JoinTimeout);
        _ = _store.ReadClusterAsync().PipeTo(
            Self, success: view => new ClusterSeen(view), failure: _ => new ClusterSeen(null));
    }

    private void OnClusterSeen(ClusterSeen seen)
    {
        if (_selfId is not null || _joining is not null || !_hasYielded)
        {
            return;
        }

        var members = (seen.View?.Members ?? []).Select(row => Member.From(row, row.LeaseLeft > TimeSpan.Zero))
            .OfType<Member>().ToArray();
        LookForPeers(members);
        if (seen.View is null || Array.Exists(members, m => m.IsEligible && _lostFor.ContainsKey(m.Address)))
        {
            RejoinLater();
        }
        else
        {
            _hasYielded = false;
            Join();
        }
    }

    /// <summary>The store knows, or could not be told.</summary>
    private sealed record Yielded(Exception? Problem);

    /// <summary>What a node sees that is no member; null: the store could not be read.</summary>
    private sealed record ClusterSeen(ClusterView? View);
}
