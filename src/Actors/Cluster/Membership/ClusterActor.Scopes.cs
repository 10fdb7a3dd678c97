using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster;

/// <summary>
/// Claims, releases and changes of status: one call to the store at a time, each for as much as has gathered.
/// </summary>
internal sealed partial class ClusterActor
{
    private readonly List<Holder> _holders = [];
    private readonly Queue<(string MemberId, MemberStatus Status)> _statusChanges = new();
    private readonly Queue<(IActorRef Holder, OwnershipToken Token)> _releases = new();
    private readonly Queue<(IActorRef Holder, string Scope)> _claims = new();
    private readonly Dictionary<Address, IActorRef> _peers = [];
    private ScopeChange? _scopeChange;
    private long _scopeChangesEnded;

    private void AddHolder(string prefix, IActorRef holder)
    {
        Context.Watch(holder);
        _holders.RemoveAll(known => known.Ref.Equals(holder));
        _holders.Add(new Holder(prefix, holder));
        holder.Tell(new ScopesChanged(_snapshot, _scopes.Under(prefix)), Self);
    }

    private void QueueClaims(IReadOnlyList<string> scopes, IActorRef holder)
    {
        if (_selfId is null)
        {
            holder.Tell(new ScopesClaimed(scopes, []), Self);
            return;
        }

        foreach (var scope in scopes)
        {
            _claims.Enqueue((holder, scope));
        }

        RunScopeChanges();
    }

    private void QueueReleases(IReadOnlyList<OwnershipToken> tokens, IActorRef holder)
    {
        if (_selfId is null)
        {
            holder.Tell(new ScopesReleased(tokens), Self);
            return;
        }

        foreach (var token in tokens)
        {
            _releases.Enqueue((holder, token));
        }

        RunScopeChanges();
    }

    private void QueueStatus(string memberId, MemberStatus status)
    {
        if (!_statusChanges.Contains((memberId, status)))
        {
            _statusChanges.Enqueue((memberId, status));
            RunScopeChanges();
        }
    }

    private void RunScopeChanges()
    {
        if (_scopeChange is not null || _selfId is null)
        {
            return;
        }

        if (_statusChanges.TryDequeue(out var status))
        {
            Begin(new ScopeChange { Status = status });
        }
        else if (_releases.Count > 0)
        {
            Begin(new ScopeChange { Releases = Take(_releases) });
        }
        else if (_claims.Count > 0 && _isLeaving)
        {
            AnswerClaims([.. _claims], []); // nothing new for who leaves
            _claims.Clear();
        }
        else if (_claims.Count > 0 && _lease.MayAct(Now))
        {
            Begin(new ScopeChange { Claims = Take(_claims) });
        }
    }

    private List<T> Take<T>(Queue<T> queue)
    {
        var taken = new List<T>(Math.Min(queue.Count, _settings.MaxScopesPerCall));
        while (taken.Count < _settings.MaxScopesPerCall && queue.TryDequeue(out var next))
        {
            taken.Add(next);
        }

        return taken;
    }

    private void Begin(ScopeChange change)
    {
        change.BegunAt = Now;
        change.MemberId = _selfId!;
        _scopeChange = change;
        _ = Call(change).PipeTo(
            Self,
            success: tokens => new ScopeChangeEnded(change, tokens, null),
            failure: cause => new ScopeChangeEnded(change, [], cause));
    }

    private async Task<IReadOnlyList<OwnershipToken>> Call(ScopeChange change)
    {
        if (change.Status is var (memberId, status))
        {
            await _store.SetStatusAsync(memberId, status);
            return [];
        }

        if (change.Releases is { } releases)
        {
            var tokens = releases.ConvertAll(static release => release.Token);
            await _store.ReleaseAsync(change.MemberId, tokens);
            return tokens;
        }

        return await _store.ClaimAsync(change.MemberId, change.Claims!.ConvertAll(static claim => claim.Scope));
    }

    /// <summary>A call that never ends must not stop all others. What it may still do shows in the next view.</summary>
    private void GiveUpHangingScopeChange()
    {
        if (_scopeChange is { } hanging && _time.GetElapsedTime(hanging.BegunAt) > 5 * _settings.StoreTimeout)
        {
            OnScopeChangeEnded(new ScopeChangeEnded(
                hanging, [], new TimeoutException("The store did not answer to a claim or release.")));
        }
    }

    private void OnScopeChangeEnded(ScopeChangeEnded ended)
    {
        if (ended.Change != _scopeChange)
        {
            return;
        }

        _scopeChange = null;
        _scopeChangesEnded++;
        if (ended.Cause is MemberDownException)
        {
            LoseMembership(ended.Cause.Message);
            return;
        }

        if (ended.Cause is not null)
        {
            OnScopeChangeFailed(ended.Change, ended.Cause);
            return;
        }

        Settle(ended.Change, ended.Tokens);
        HintPeers();
        RunScopeChanges();
        if (ended.Change.Status is not null || _renewAgain)
        {
            Renew();
        }

        CheckHandedOver();
    }

    /// <summary>Claims are asked for again by their holders; releases and changes of status go on at the next renewal.
    /// </summary>
    private void OnScopeChangeFailed(ScopeChange change, Exception cause)
    {
        _log.LogWarning("The store refused a claim, a release or a change of status: {Problem}", cause.Message);
        if (change.Status is { } status)
        {
            _statusChanges.Enqueue(status);
        }

        foreach (var release in change.Releases ?? [])
        {
            _releases.Enqueue(release);
        }

        if (change.Claims is { } claims)
        {
            AnswerClaims(claims, []);
        }
    }

    private void Settle(ScopeChange change, IReadOnlyList<OwnershipToken> tokens)
    {
        var rows = new List<ScopeRow>(tokens.Count);
        if (change.Claims is { } claims)
        {
            foreach (var token in tokens)
            {
                var row = new ScopeRow(token, change.MemberId);
                if (_scopes.Apply(row))
                {
                    rows.Add(row);
                }
            }

            TellHolders(rows);
            AnswerClaims(claims, tokens);
        }
        else if (change.Releases is { } releases)
        {
            rows.AddRange(tokens.Select(_scopes.Release).OfType<ScopeRow>());
            TellHolders(rows);
            foreach (var ofHolder in releases.GroupBy(release => release.Holder, release => release.Token))
            {
                ofHolder.Key.Tell(new ScopesReleased([.. ofHolder]), Self);
            }
        }
    }

    private void AnswerClaims(List<(IActorRef Holder, string Scope)> claims, IReadOnlyList<OwnershipToken> tokens)
    {
        var byScope = tokens.ToDictionary(token => token.Scope, StringComparer.Ordinal);
        foreach (var ofHolder in claims.GroupBy(claim => claim.Holder, claim => claim.Scope))
        {
            var asked = ofHolder.ToArray();
            var granted = asked.Where(byScope.ContainsKey).Select(scope => byScope[scope]).ToArray();
            ofHolder.Key.Tell(new ScopesClaimed(asked, granted), Self);
        }
    }

    /// <summary>The holders see by the change of this node's id that nothing is theirs any more.</summary>
    private void ForgetScopeChanges()
    {
        _scopeChange = null;
        _scopeChangesEnded++;
        _statusChanges.Clear();
        _releases.Clear();
        _claims.Clear();
        _scopes.Clear();
    }

    /// <summary>Publishes a new snapshot if it or a scope has changed.</summary>
    private void Publish(ClusterSnapshot snapshot, IReadOnlyList<ScopeRow> rows)
    {
        var before = _snapshot;
        var membersChanged = !MemberChanges.AreEqual(before.Members, snapshot.Members);
        _snapshot = snapshot;
        if (membersChanged)
        {
            PublishEvents(before.Members, snapshot.Members);
        }

        if (membersChanged || before.SelfId != snapshot.SelfId)
        {
            _cluster.Publish(new ClusterEvent.CurrentClusterState(snapshot.Members), snapshot.Self);
        }

        if (membersChanged || before.SelfId != snapshot.SelfId || before.IsActing != snapshot.IsActing)
        {
            foreach (var holder in _holders)
            {
                holder.Ref.Tell(new ScopesChanged(snapshot, holder.Choose(rows)), Self);
            }
        }
        else
        {
            TellHolders(rows);
        }
    }

    private void TellHolders(IReadOnlyList<ScopeRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        foreach (var holder in _holders)
        {
            if (holder.Choose(rows) is { Count: > 0 } chosen)
            {
                holder.Ref.Tell(new ScopesChanged(_snapshot, chosen), Self);
            }
        }
    }

    private void HintPeers()
    {
        foreach (var member in _snapshot.Members)
        {
            if (member.Id != _selfId && member.IsLiving)
            {
                PeerAt(member.Address).Tell(ClusterChangedHint.Instance, ActorRefs.NoSender);
            }
        }
    }

    private IActorRef PeerAt(Address address)
    {
        if (!_peers.TryGetValue(address, out var peer))
        {
            var path = ActorPath.Root(address) / "system" / Cluster.ActorName;
            _peers[address] = peer = Context.System.Provider.ResolveActorRef(path);
        }

        return peer;
    }

    private sealed record Holder(string Prefix, IActorRef Ref)
    {
        public IReadOnlyList<ScopeRow> Choose(IReadOnlyList<ScopeRow> rows) =>
            [.. rows.Where(row => row.Token.Scope.StartsWith(Prefix, StringComparison.Ordinal))];
    }

    /// <summary>One call to the store.</summary>
    private sealed class ScopeChange
    {
        public long BegunAt { get; set; }

        public string MemberId { get; set; } = "";

        public (string MemberId, MemberStatus Status)? Status { get; init; }

        public List<(IActorRef Holder, OwnershipToken Token)>? Releases { get; init; }

        public List<(IActorRef Holder, string Scope)>? Claims { get; init; }
    }

    private sealed record ScopeChangeEnded(
        ScopeChange Change, IReadOnlyList<OwnershipToken> Tokens, Exception? Cause);
}
