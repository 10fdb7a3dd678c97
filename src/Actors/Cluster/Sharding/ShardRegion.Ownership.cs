using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>Which shards are this node's, and what follows.</summary>
public sealed partial class ShardRegion
{
    private IReadOnlyList<Member> _candidates = [];
    private long _startedShards;

    private void OnOwnershipMessage(object message)
    {
        switch (message)
        {
            case ScopesChanged changed:
                OnScopesChanged(changed);
                break;
            case ScopesClaimed claimed:
                OnScopesClaimed(claimed);
                break;
            case ScopesReleased released:
                OnScopesReleased(released);
                break;
            case ShardStopped stopped:
                OnShardStopped(stopped);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case OwnershipLost lost:
                OnOwnershipLost(lost);
                break;
            case StartAnyway start:
                OnStartAnyway(start);
                break;
            case RetryNow:
                ResumeOrSuspend();
                Decide();
                break;
        }
    }

    private void OnScopesChanged(ScopesChanged changed)
    {
        var hadId = _cluster.SelfId;
        _cluster = changed.Cluster;
        foreach (var row in changed.Rows)
        {
            var id = row.Token.Scope[_spec.ScopePrefix.Length..];
            if (_spec.Extractor.ShardIds is null || _shards.ContainsKey(id))
            {
                EntryOf(id).Learn(row); // otherwise another singleton's
            }
        }

        if (hadId is not null && hadId != _cluster.SelfId)
        {
            foreach (var entry in _shards.Values)
            {
                GiveUp(entry);
            }
        }

        ForgetRegions();
        ResumeOrSuspend();
        Decide();
    }

    /// <summary>Stops what may not act, and lets go on what may again.</summary>
    private void ResumeOrSuspend()
    {
        foreach (var entry in _shards.Values)
        {
            if (!_cluster.IsActing && entry.Hold is ShardHold.Running or ShardHold.HandingOver)
            {
                Stop(entry);
                entry.Hold = ShardHold.Suspended;
            }
            else if (_cluster.IsActing && entry.Hold == ShardHold.Suspended)
            {
                entry.Hold = ShardHold.None;
                if (entry.Row?.OwnerId == _cluster.SelfId && entry.Row?.Token == entry.Token)
                {
                    Run(entry);
                }
            }
        }
    }

    /// <summary>Claims, hands over and drops what is due, and sets all routes.</summary>
    private void Decide()
    {
        FindHeirs();
        var claims = new List<string>();
        var releases = new List<OwnershipToken>();
        var moving = _shards.Values.Count(entry => entry.Hold is ShardHold.HandingOver or ShardHold.Releasing);
        foreach (var entry in _shards.Values)
        {
            switch (NextOf(entry))
            {
                case ShardStep.Claim:
                    entry.Hold = ShardHold.Claiming;
                    claims.Add(entry.Scope);
                    break;
                case ShardStep.HandOver when moving < Settings.MaxHandOvers:
                    moving++;
                    HandOver(entry);
                    break;
                case ShardStep.Release:
                    entry.Hold = ShardHold.Releasing;
                    releases.Add(entry.Row!.Token);
                    break;
                case ShardStep.Drop:
                    _log.LogWarning("Shard {Scope} belongs to another node now; it is stopped here", entry.Scope);
                    GiveUp(entry);
                    break;
            }

            Direct(entry);
        }

        if (claims.Count > 0)
        {
            _membership.Actor.Tell(new ClaimScopes(claims), Self);
        }

        if (releases.Count > 0)
        {
            _membership.Actor.Tell(new ReleaseScopes(releases), Self);
        }
    }

    /// <summary>Who should own each shard changes only when members come, go or change their status.</summary>
    private void FindHeirs()
    {
        var candidates = _cluster.Eligible(Settings.Role);
        if (candidates.Select(member => member.Id).SequenceEqual(_candidates.Select(member => member.Id)))
        {
            return;
        }

        _candidates = candidates;
        foreach (var entry in _shards.Values)
        {
            entry.Heir = _spec.Heir(entry.Scope, candidates);
        }
    }

    private ShardStep NextOf(ShardEntry entry) =>
        _spec.EntityProps is null || _cluster.SelfId is not { } selfId || !_cluster.IsActing
            ? ShardStep.Nothing
            : ShardDecision.Next(entry.Facts(_cluster), selfId, _cluster.IsLeaving);

    /// <summary>Sets where a shard's messages go, and sends what was kept.</summary>
    private void Direct(ShardEntry entry)
    {
        var address = AddressOf(entry);

        // Between two lives of this node its former one may still be listed.
        entry.Remote = address is null || address == _membership.SelfAddress ? null : RegionAt(address);
        entry.Fallback = IsSuspended && OtherHeir(entry) is { } other ? RegionAt(other.Address) : null;
        Flush(entry);
    }

    /// <summary>Where a shard is or will be, as far as this region knows; null if that is open.</summary>
    private Address? AddressOf(ShardEntry entry) =>
        ShardDecision.RouteOf(entry.Facts(_cluster), _cluster.SelfId) switch
        {
            ShardRoute.Local => _membership.SelfAddress,
            ShardRoute.Owner => _cluster.Find(entry.Row!.OwnerId!)!.Address,
            ShardRoute.Heir => entry.Heir!.Address,
            _ => null,
        };

    private Member? OtherHeir(ShardEntry entry) => _spec.Heir(
        entry.Scope, [.. _cluster.Eligible(Settings.Role).Where(member => member.Id != _cluster.SelfId)]);

    private void OnScopesClaimed(ScopesClaimed claimed)
    {
        foreach (var token in claimed.Granted)
        {
            var entry = EntryOf(token.Scope[_spec.ScopePrefix.Length..]);
            if (entry.Hold != ShardHold.Claiming)
            {
                continue; // this node has lost its membership meanwhile
            }

            entry.Learn(new Store.ScopeRow(token, _cluster.SelfId));
            entry.Token = token;
            if (_cluster.IsActing)
            {
                Run(entry);
            }
            else
            {
                entry.Hold = ShardHold.Suspended;
            }
        }

        foreach (var scope in claimed.Asked)
        {
            var entry = EntryOf(scope[_spec.ScopePrefix.Length..]);
            if (entry.Hold == ShardHold.Claiming)
            {
                entry.Hold = ShardHold.None;
                RetryLater();
            }
        }

        if (claimed.Granted.Count == claimed.Asked.Count)
        {
            Decide();
        }
    }

    private void OnScopesReleased(ScopesReleased released)
    {
        foreach (var token in released.Tokens)
        {
            var entry = EntryOf(token.Scope[_spec.ScopePrefix.Length..]);
            if (entry.Hold == ShardHold.Releasing)
            {
                entry.Hold = ShardHold.None;
                entry.Learn(new Store.ScopeRow(token, null));
            }
        }

        Decide();
    }

    private void Run(ShardEntry entry)
    {
        entry.Hold = ShardHold.Running;
        if (entry.Stopping is not null)
        {
            // Two actors for one entity would only be told apart by the journal.
            Timers.StartSingleTimer(entry, new StartAnyway(entry.Id), Settings.HandOffTimeout);
            return;
        }

        var token = _membership.IsShared ? entry.Token : (OwnershipToken?)null;
        var name = Shard.NameOf(entry.Id);
        if (Cell.FindChild(name) is not null)
        {
            name += $"!{++_startedShards}";
        }

        entry.Shard = Context.ActorOf(Props.Create(() => new Shard(_spec, entry.Id, token)), name);
        Context.Watch(entry.Shard);
        Flush(entry);
    }

    private void HandOver(ShardEntry entry)
    {
        if (entry.Shard is null)
        {
            Release(entry);
            return;
        }

        entry.Hold = ShardHold.HandingOver;
        entry.Shard.Tell(new HandOff(_spec.HandOffStopMessage), Self);
    }

    private void Release(ShardEntry entry)
    {
        entry.Hold = ShardHold.Releasing;
        Timers.Cancel(entry);
        _membership.Actor.Tell(new ReleaseScopes([entry.Token]), Self);
    }

    private void OnShardStopped(ShardStopped stopped)
    {
        var entry = EntryOf(stopped.Shard);
        if (stopped.Returned.Count > 0)
        {
            PutBack(entry, stopped.Returned);
        }

        if (!Sender.Equals(entry.Shard))
        {
            Flush(entry);
            return;
        }

        entry.Stopping = entry.Shard;
        entry.Shard = null;
        if (entry.Hold == ShardHold.HandingOver)
        {
            Release(entry);
        }
    }

    /// <summary>Messages that no entity received are older than all that were kept since.</summary>
    private void PutBack(ShardEntry entry, IReadOnlyList<(object Message, IActorRef? Sender)> returned)
    {
        var newer = entry.Kept;
        entry.Kept = null;
        foreach (var (message, sender) in returned)
        {
            Keep(entry, message, sender, mayPassBack: true);
        }

        foreach (var kept in newer ?? [])
        {
            (entry.Kept ??= new()).Enqueue(kept);
        }
    }

    private void OnTerminated(IActorRef dead)
    {
        foreach (var entry in _shards.Values)
        {
            if (dead.Equals(entry.Stopping))
            {
                entry.Stopping = null;
                Timers.Cancel(entry);
                if (entry.Hold == ShardHold.Running && entry.Shard is null)
                {
                    Run(entry);
                }
            }
            else if (dead.Equals(entry.Shard))
            {
                entry.Shard = null;
                if (entry.Hold == ShardHold.HandingOver)
                {
                    Release(entry);
                }
                else if (entry.Hold == ShardHold.Running)
                {
                    Timers.StartSingleTimer(entry, new StartAnyway(entry.Id), Settings.EntityRestartPause);
                }
            }
        }
    }

    private void OnStartAnyway(StartAnyway start)
    {
        var entry = EntryOf(start.Shard);
        if (entry.Hold == ShardHold.Running && entry.Shard is null)
        {
            if (entry.Stopping is not null)
            {
                _log.LogWarning("{Shard} has not stopped in time; its successor starts all the same", entry.Stopping);
                entry.Stopping = null;
            }

            Run(entry);
        }
    }

    /// <summary>A write was refused: the entities stop now, the store tells who owns the shard.</summary>
    private void OnOwnershipLost(OwnershipLost lost)
    {
        if (_shards.TryGetValue(lost.Token.Scope[_spec.ScopePrefix.Length..], out var entry)
            && entry.Token == lost.Token && entry.Hold is ShardHold.Running or ShardHold.HandingOver)
        {
            _log.LogWarning("{Entity} was refused under {Token}; its shard stops", lost.PersistenceId, lost.Token);
            Stop(entry);
            entry.Hold = ShardHold.Suspended;
            RetryLater();
        }
    }

    private void RetryLater()
    {
        if (!Timers.IsTimerActive(RetryTimer))
        {
            Timers.StartSingleTimer(RetryTimer, RetryNow.Instance, _membership.Settings.RenewInterval);
        }
    }

    private void GiveUp(ShardEntry entry)
    {
        Stop(entry);
        entry.Hold = ShardHold.None;
    }

    private void Stop(ShardEntry entry)
    {
        Timers.Cancel(entry);
        if (entry.Shard is { } shard)
        {
            Context.Stop(shard);
            entry.Stopping = shard;
            entry.Shard = null;
        }
    }

    /// <summary>Regions of nodes that are no members any more need not be asked whether they are back.</summary>
    private void ForgetRegions()
    {
        foreach (var address in _regions.Keys.ToArray())
        {
            if (_cluster.Members.All(member => member.Address != address))
            {
                _regions.Remove(address);
            }
        }
    }
}
