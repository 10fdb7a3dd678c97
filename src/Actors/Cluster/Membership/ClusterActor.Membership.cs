using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster;

/// <summary>Joining, renewing, ceasing to act, and joining anew.</summary>
internal sealed partial class ClusterActor
{
    private readonly Dictionary<string, long> _silentSince = new(StringComparer.Ordinal);
    private string? _joining;
    private int _failedJoins;
    private string? _selfId;
    private LeaseClock _lease;
    private long _version;
    private Renewal? _renewing;
    private bool _renewAgain;
    private long _graceUntil;
    private bool _isLeavingForGood;

    private void Join()
    {
        if (_isLeavingForGood)
        {
            return;
        }

        if (_hasYielded)
        {
            ReturnWhenConnected();
            return;
        }

        var id = Context.System.Runtime.Random.NextGuid().ToString("N");
        _joining = id;
        var sentAt = Now;
        var member = new NewMember(
            id, Member.Stored(Context.System.Provider.Address), _settings.HttpAddress, _settings.Roles,
            _settings.AppVersion);
        _ = JoinUnlessReplacedAsync(member).PipeTo(
            Self, success: view => new Joined(id, sentAt, view), failure: cause => new JoinFailed(id, cause));
        Timers.StartSingleTimer(
            RejoinTimer, new JoinFailed(id, new TimeoutException("The store did not answer.")), JoinTimeout);
    }

    /// <summary>
    /// Whoever joins sets the former member at its address down. A process that stood still while another took its
    /// place must not do that when it goes on: the two would go on setting each other down.
    /// </summary>
    private async Task<ClusterView> JoinUnlessReplacedAsync(NewMember member)
    {
        if (_settings.NodeScope is { } held && _store.IsShared)
        {
            var owned = await _store.ReadOwnershipAsync(held.Scope);
            if (owned?.Token != held)
            {
                throw new FencedException(held, owned?.Token.Epoch ?? 0, owned?.Owner);
            }
        }

        return await _store.JoinAsync(member, _settings.Lease);
    }

    /// <summary>Longer than a renewal may take: whoever joins has nothing to lose yet, and a store that starts is
    /// slow.</summary>
    private TimeSpan JoinTimeout => 10 * _settings.StoreTimeout;

    private void OnJoined(Joined joined)
    {
        if (joined.MemberId != _joining)
        {
            return; // given up already; its lease runs out by itself
        }

        _joining = null;
        _failedJoins = 0;
        Timers.Cancel(RejoinTimer);
        _selfId = joined.MemberId;
        _version = 0;
        _scopes.Clear();
        _renewing = null;
        _lease = default;
        _graceUntil = 0;
        ExtendLease(joined.SentAt);
        _log.LogInformation(
            "{Address} joined the cluster as {MemberId}", Context.System.Provider.Address, joined.MemberId);
        Apply(joined.View, withScopes: true);
        QueueStatus(joined.MemberId, MemberStatus.Up);
        if (_store.IsShared)
        {
            Timers.StartPeriodicTimer(nameof(RenewNow), RenewNow.Instance, _settings.RenewInterval);
        }
    }

    private void OnJoinFailed(JoinFailed failed)
    {
        if (failed.MemberId != _joining)
        {
            return;
        }

        _joining = null;
        if (failed.Cause is FencedException fenced)
        {
            Timers.Cancel(RejoinTimer);
            _log.LogError("This node was replaced and stays out of the cluster: {Problem}", fenced.Message);
            Context.System.EventStream.Publish(
                new OwnershipLost(Cluster.ActorName, fenced.Token, fenced.CurrentEpoch, fenced.CurrentOwner));
            return;
        }

        _log.LogWarning("Joining the cluster failed: {Problem}", failed.Cause.Message);
        RejoinLater();
    }

    private void RejoinLater()
    {
        var doublings = Math.Min(_failedJoins++, 16);
        var delay = Math.Min(
            _settings.RejoinDelayMin.TotalSeconds * Math.Pow(2, doublings), _settings.RejoinDelayMax.TotalSeconds);
        var jittered = delay * (0.8 + (0.4 * Context.System.Runtime.Random.NextDouble()));
        Timers.StartSingleTimer(RejoinTimer, RejoinNow.Instance, TimeSpan.FromSeconds(jittered));
    }

    private void OnRenewNow()
    {
        YieldIfIsolated();
        GiveUpHangingScopeChange();
        RunScopeChanges();
        Renew();
    }

    /// <summary>Renews and reads; at most one renewal is under way, unless it hangs.</summary>
    private void Renew()
    {
        if (_selfId is null)
        {
            return;
        }

        if (_renewing is { } last && _time.GetElapsedTime(last.SentAt) < _settings.StoreTimeout)
        {
            _renewAgain = true;
            return;
        }

        _renewAgain = false;
        var renewal = new Renewal(_selfId, Now, _scopeChangesEnded);
        _renewing = renewal;
        _ = _store.RenewAsync(_selfId, _settings.Lease, _version).PipeTo(
            Self, success: view => new Renewed(renewal, view), failure: cause => new RenewFailed(renewal, cause));
    }

    private void OnRenewed(Renewed renewed)
    {
        var renewal = renewed.Renewal;
        if (renewal.MemberId != _selfId)
        {
            return;
        }

        if (renewal == _renewing)
        {
            _renewing = null;
        }

        ExtendLease(renewal.SentAt);

        // A view that was read before a claim of ours took effect, but arrives after its answer, would undo it here.
        var isCurrent = renewal.ScopeChangesEnded == _scopeChangesEnded && renewed.View.Version >= _version;
        Apply(renewed.View, isCurrent);
        if (!isCurrent || _renewAgain)
        {
            Renew();
        }
    }

    private void OnRenewFailed(RenewFailed failed)
    {
        if (failed.Renewal.MemberId != _selfId)
        {
            return;
        }

        if (failed.Renewal == _renewing)
        {
            _renewing = null;
        }

        if (failed.Cause is MemberDownException)
        {
            LoseMembership(failed.Cause.Message);
        }
        else
        {
            _log.LogWarning("The lease could not be renewed: {Problem}", failed.Cause.Message);
        }
    }

    private void ExtendLease(long sentAt)
    {
        if (!_store.IsShared)
        {
            _lease = new LeaseClock(long.MaxValue);
            _cluster.ActUntil(long.MaxValue);
            return;
        }

        var hadEnded = _lease.ActingUntil != 0 && !_lease.MayAct(Now);
        _lease = _lease.Renewed(sentAt, _settings.Lease, _settings.LeaseMargin, _time.TimestampFrequency);
        if (!_lease.MayAct(Now))
        {
            return; // the answer took longer than the lease
        }

        if (hadEnded)
        {
            // The store may have been away for everybody: others get time to renew before they are taken for dead.
            _graceUntil = Now + LeaseClock.ToTimestamp(_settings.Lease, _time.TimestampFrequency);
            _log.LogWarning("The lease is renewed after it had ended; this node acts again");
        }

        _cluster.ActUntil(_lease.ActingUntil);
        Timers.StartSingleTimer(LeaseEndTimer, LeaseEnds.Instance, _time.GetElapsedTime(Now, _lease.ActingUntil));
    }

    private void OnLeaseEnds()
    {
        if (_selfId is not null && !_lease.MayAct(Now))
        {
            _log.LogWarning("The lease has ended without a renewal; this node stops acting");
            Publish(_snapshot with { IsActing = false }, []);
        }
    }

    private void LoseMembership(string reason)
    {
        _log.LogWarning("This node is no member any more: {Reason}", reason);
        EndMembership();
        RejoinLater();
    }

    /// <summary>Everything owned is given up: nothing may be written under it any more.</summary>
    private void EndMembership()
    {
        _selfId = null;
        _renewing = null;
        _renewAgain = false;
        _cluster.ActUntil(0);
        ForgetScopeChanges();
        Timers.Cancel(nameof(RenewNow));
        Timers.Cancel(LeaseEndTimer);
        Timers.Cancel(RefreshTimer);
        Publish(_snapshot with { SelfId = null, IsActing = false }, []);
    }

    private void Apply(ClusterView view, bool withScopes)
    {
        var now = Now;
        var isInGrace = now < _graceUntil;
        var members = new List<Member>(view.Members.Count);
        foreach (var row in view.Members)
        {
            var hasLease = row.LeaseLeft > TimeSpan.Zero || !_store.IsShared || row.Member.Id == _selfId;
            if (Member.From(row, hasLease || isInGrace) is { } member)
            {
                members.Add(member);
            }
        }

        members.Sort(static (left, right) => left.Number.CompareTo(right.Number));
        IReadOnlyList<ScopeRow> changed = [];
        if (withScopes)
        {
            changed = [.. view.ChangedScopes.Where(_scopes.Apply)];
            _version = view.Version;
            NoticeReplacement(changed);
        }

        Publish(new ClusterSnapshot(_selfId, _lease.MayAct(now), members), changed);
        WatchLeases(view, now);
        KeepHouse();
        CheckHandedOver();
    }

    /// <summary>Another process has this node's name now: it can't go on, also if it never writes itself.</summary>
    private void NoticeReplacement(IReadOnlyList<ScopeRow> changed)
    {
        if (_settings.NodeScope is not { } held)
        {
            return;
        }

        foreach (var row in changed)
        {
            if (row.Token.Scope == held.Scope && row.Token.Epoch > held.Epoch)
            {
                Context.System.EventStream.Publish(
                    new OwnershipLost(Cluster.ActorName, held, row.Token.Epoch, row.OwnerId));
            }
        }
    }

    /// <summary>Reads again at the moment at which another member's lease ends, so that it is replaced at once.</summary>
    private void WatchLeases(ClusterView view, long now)
    {
        var margin = TimeSpan.FromMilliseconds(5);
        var next = TimeSpan.MaxValue;
        foreach (var row in view.Members)
        {
            if (row.Member.Id != _selfId && row.Status < MemberStatus.Down && row.LeaseLeft > TimeSpan.Zero
                && row.LeaseLeft < next)
            {
                next = row.LeaseLeft;
            }
        }

        if (now < _graceUntil && _time.GetElapsedTime(now, _graceUntil) is var grace && grace < next)
        {
            next = grace;
        }

        if (next < _settings.RenewInterval)
        {
            Timers.StartSingleTimer(RefreshTimer, RefreshCluster.Instance, next + margin);
        }
    }

    private void KeepHouse()
    {
        var now = Now;
        foreach (var member in _snapshot.Members)
        {
            if (member.IsLiving)
            {
                _silentSince.Remove(member.Id);
            }
            else
            {
                _silentSince.TryAdd(member.Id, now);
            }
        }

        if (_silentSince.Count > _snapshot.Members.Count)
        {
            foreach (var id in _silentSince.Keys.Where(id => _snapshot.Find(id) is null).ToArray())
            {
                _silentSince.Remove(id);
            }
        }

        if (_selfId is null || !_lease.MayAct(now))
        {
            return;
        }

        var due = Housekeeping.Due(
            _snapshot.Members, _selfId, member => _time.GetElapsedTime(_silentSince[member.Id], now),
            _settings.DownAfter, _settings.RemoveAfter);
        foreach (var (member, status) in due)
        {
            _silentSince.Remove(member.Id);
            QueueStatus(member.Id, status);
        }
    }

    private sealed record Renewal(string MemberId, long SentAt, long ScopeChangesEnded);

    private sealed record Joined(string MemberId, long SentAt, ClusterView View);

    private sealed record JoinFailed(string MemberId, Exception Cause);

    private sealed record Renewed(Renewal Renewal, ClusterView View);

    private sealed record RenewFailed(Renewal Renewal, Exception Cause);

    private sealed class RejoinNow
    {
        public static RejoinNow Instance { get; } = new();
    }

    private sealed class RenewNow
    {
        public static RenewNow Instance { get; } = new();
    }

    private sealed class LeaseEnds
    {
        public static LeaseEnds Instance { get; } = new();
    }
}
