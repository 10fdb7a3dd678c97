using GpuActors.Actors.Remoting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>Messages: to a shard here, to another region, or kept until there is an owner.</summary>
public sealed partial class ShardRegion
{
    private int _keptCount;
    private bool _hasOverflowed;

    private void Route(object message, IActorRef? sender, int hops)
    {
        if (ShardOf(message) is not { } shardId)
        {
            Unhandled(message);
            return;
        }

        if (!_shards.TryGetValue(shardId, out var entry))
        {
            entry = EntryOf(shardId);
            Decide();
        }

        if (entry.IsLocal && _membership.IsActing)
        {
            entry.Shard!.Tell(message, sender);
        }
        else if (entry.Remote is { IsConnected: true } remote && hops < Settings.MaxHops)
        {
            Send(entry, remote, message, sender, hops);
        }
        else if (IsSuspended && hops < Settings.MaxHops && entry.Fallback is { IsConnected: true } fallback)
        {
            PassBack(fallback, message, sender);
        }
        else
        {
            Keep(entry, message, sender, mayPassBack: hops < Settings.MaxHops);
        }
    }

    /// <summary>Whether this node owns shards, as far as it knows, but may not act.</summary>
    private bool IsSuspended => _cluster.SelfId is not null && !_membership.IsActing;

    /// <summary>
    /// A node that can't renew its lease may not know who takes over. It lets another node find out, which keeps the
    /// message until it knows.
    /// </summary>
    private void PassBack(RemoteRegion fallback, object message, IActorRef? sender) =>
        fallback.Ref.Tell(new ForwardedMessage(message, Settings.MaxHops), sender);

    /// <summary>The shard that a message is for; null if it is for no entity.</summary>
    private string? ShardOf(object message)
    {
        try
        {
            var id = message is StartEntity start ? start.EntityId : _spec.Extractor.EntityId(message);
            return id is null ? null : _spec.Extractor.ShardId(id, message);
        }
        catch (Exception e)
        {
            _log.LogError(e, "The extractor of {Type} failed on {Message}", _spec.TypeName, message.GetType());
            return null;
        }
    }

    private void OnForwarded(ForwardedMessage forwarded)
    {
        if (forwarded.Hops > 1)
        {
            Refresh(); // this or another node's view is old
        }

        Route(forwarded.Message, Cell.SenderOrNull, forwarded.Hops);
    }

    /// <summary>
    /// A message of an actor of this node travels as it is. What another node sent is marked, so that it can't go in
    /// circles, and its node is told of the owner.
    /// </summary>
    private void Send(ShardEntry entry, RemoteRegion remote, object message, IActorRef? sender, int hops)
    {
        if (hops == 0 && sender is not (null or RemoteActorRef))
        {
            remote.Ref.Tell(message, sender);
            return;
        }

        remote.Ref.Tell(new ForwardedMessage(message, hops + 1), sender);
        if (sender is RemoteActorRef stranger)
        {
            Hint(entry, stranger.Path.Address);
        }
    }

    private void Hint(ShardEntry entry, Address address)
    {
        var now = _time.GetTimestamp();
        if (entry.Row?.OwnerId is not { } owner || _time.GetElapsedTime(entry.HintedAt, now) < SweepInterval
            || _cluster.Members.All(member => member.Address != address))
        {
            return;
        }

        entry.HintedAt = now;
        RegionAt(address).Ref.Tell(new ShardHome(entry.Id, entry.Row.Token.Epoch, owner), Self);
    }

    private void Keep(ShardEntry entry, object message, IActorRef? sender, bool mayPassBack)
    {
        if (_keptCount >= Settings.BufferSize)
        {
            if (!_hasOverflowed)
            {
                _hasOverflowed = true;
                _log.LogWarning(
                    "{Type} keeps {Count:N0} messages for shards without owner, its bound; further ones are dropped",
                    _spec.TypeName, _keptCount);
            }

            Context.System.PublishDeadLetter(message, sender, Cell);
            return;
        }

        _keptCount++;
        (entry.Kept ??= new()).Enqueue(new KeptMessage(message, sender, _time.GetTimestamp(), mayPassBack));
        EnsureSweeping();
    }

    private void EnsureSweeping()
    {
        if (!Timers.IsTimerActive(SweepTimer))
        {
            Timers.StartSingleTimer(SweepTimer, SweepNow.Instance, SweepInterval);
        }
    }

    /// <summary>Sends on what was kept, if there is somewhere to send it.</summary>
    private void Flush(ShardEntry entry)
    {
        if (entry.Kept is not { } kept
            || !(IsSuspended ? entry.Fallback is { IsConnected: true } : IsOpen(entry)))
        {
            return;
        }

        entry.Kept = null;
        _keptCount -= kept.Count;
        _hasOverflowed = false;
        foreach (var message in kept)
        {
            if (!IsSuspended)
            {
                Route(message.Message, message.Sender, hops: 0);
            }
            else if (message.MayPassBack)
            {
                PassBack(entry.Fallback!, message.Message, message.Sender);
            }
            else
            {
                _keptCount++;
                (entry.Kept ??= new()).Enqueue(message);
            }
        }
    }

    private static bool IsOpen(ShardEntry entry) => entry.IsLocal || entry.Remote is { IsConnected: true };

    private void DropKept(ShardEntry entry)
    {
        foreach (var (message, sender, _, _) in entry.Kept ?? [])
        {
            Context.System.PublishDeadLetter(message, sender, Cell);
        }

        entry.Kept = null;
    }

    private void OnRoutingMessage(object message)
    {
        switch (message)
        {
            case DisassociatedEvent lost when _regions.TryGetValue(lost.RemoteAddress, out var region):
                region.IsConnected = false;
                EnsureSweeping();
                region.Ref.Tell(new RegionProbe(), Self);
                break;
            case AssociatedEvent found:
                Connected(found.RemoteAddress);
                break;
            case RegionProbe:
                Sender.Tell(new RegionProbeAck(), Self);
                break;
            case RegionProbeAck:
                Connected(Sender.Path.Address);
                break;
            case ShardHome home:
                OnShardHome(home);
                break;
            case SweepNow:
                Sweep();
                break;
        }
    }

    private void Connected(Address address)
    {
        if (!_regions.TryGetValue(address, out var region) || region.IsConnected)
        {
            return;
        }

        region.IsConnected = true;
        foreach (var entry in _shards.Values)
        {
            if (entry.Remote == region || entry.Fallback == region)
            {
                Flush(entry);
            }
        }
    }

    private void OnShardHome(ShardHome home)
    {
        var entry = EntryOf(home.Shard);
        if (entry.Row is null || entry.Row.Token.Epoch < home.Epoch)
        {
            entry.Learn(new Store.ScopeRow(new(entry.Scope, home.Epoch), home.OwnerId));
            Decide();
        }

        Refresh();
    }

    /// <summary>Drops what was kept for too long, tries what could go, and asks lost regions whether they are back.
    /// </summary>
    private void Sweep()
    {
        var now = _time.GetTimestamp();
        foreach (var entry in _shards.Values)
        {
            while (entry.Kept?.TryPeek(out var oldest) == true
                && _time.GetElapsedTime(oldest.Since, now) >= Settings.BufferTimeout)
            {
                entry.Kept.Dequeue();
                _keptCount--;
                Context.System.PublishDeadLetter(oldest.Message, oldest.Sender, Cell);
            }

            Flush(entry);
        }

        var isLost = false;
        foreach (var region in _regions.Values.Where(region => !region.IsConnected))
        {
            if (_cluster.Members.Any(member => member.Address == region.Address && member.IsLiving))
            {
                isLost = true;
                region.Ref.Tell(new RegionProbe(), Self);
            }
        }

        if (_keptCount > 0 || isLost)
        {
            EnsureSweeping();
        }
    }

    private void Refresh() => _membership.Actor.Tell(RefreshCluster.Instance, Self);

    private RemoteRegion RegionAt(Address address)
    {
        if (!_regions.TryGetValue(address, out var region))
        {
            var path = ActorPath.Parse(address + _spec.Path);
            _regions[address] = region = new RemoteRegion(address, Context.System.Provider.ResolveActorRef(path));
        }

        return region;
    }
}
