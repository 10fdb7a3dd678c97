using GpuActors.Actors.Persistence;
using GpuActors.Actors.Remoting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>
/// Brings messages to entities, wherever they live. There is one on each node for each type. It claims the shards that
/// are this node's by the members that there are, runs a <see cref="Shard"/> for each, and passes messages for the
/// others on to the regions of their owners.
/// </summary>
public sealed partial class ShardRegion : UntypedActor, IWithTimers
{
    private const string RetryTimer = "retry";
    private const string SweepTimer = "sweep";
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(500);

    private readonly RegionSpec _spec;
    private readonly Cluster _membership;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<string, ShardEntry> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<Address, RemoteRegion> _regions = [];
    private ClusterSnapshot _cluster = ClusterSnapshot.Empty;

    internal ShardRegion(RegionSpec spec)
    {
        _spec = spec;
        _membership = Cluster.Get(Context.System);
        _time = Context.System.Runtime.Time;
        _log = Context.GetLogger();
        foreach (var id in spec.Extractor.ShardIds ?? [])
        {
            EntryOf(id);
        }
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private ClusterShardingSettings Settings => _spec.Settings;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<RemotingEvent>(Self);
        _membership.Actor.Tell(new HoldScopes(_spec.ScopePrefix), Self);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        foreach (var entry in _shards.Values)
        {
            DropKept(entry);
        }
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ForwardedMessage forwarded:
                OnForwarded(forwarded);
                break;
            case ScopesChanged or ScopesClaimed or ScopesReleased or ShardStopped or Terminated or OwnershipLost
                or StartAnyway or RetryNow:
                OnOwnershipMessage(message);
                break;
            case RemotingEvent or RegionProbe or RegionProbeAck or ShardHome or SweepNow:
                OnRoutingMessage(message);
                break;
            case GetShardRegionState or GetShardRegionStats or GetClusterShardingStats or GetCurrentRegions
                or GetEntityLocation:
                OnQuery(message);
                break;
            default:
                Route(message, Cell.SenderOrNull, hops: 0);
                break;
        }
    }

    private ShardEntry EntryOf(string shardId)
    {
        if (!_shards.TryGetValue(shardId, out var entry))
        {
            var scope = _spec.ScopeOf(shardId);
            _shards[shardId] = entry = new ShardEntry(shardId, scope) { Heir = _spec.Heir(scope, _candidates) };
        }

        return entry;
    }

    /// <summary>Starts an entity that nobody has a message for: one that has something to do after a crash.</summary>
    public sealed record StartEntity(string EntityId);

    private sealed class RetryNow
    {
        public static RetryNow Instance { get; } = new();
    }

    private sealed class SweepNow
    {
        public static SweepNow Instance { get; } = new();
    }

    private sealed record StartAnyway(string Shard);
}
