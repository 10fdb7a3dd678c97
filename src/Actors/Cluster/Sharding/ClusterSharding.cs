using System.Collections.Concurrent;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>
/// Entities spread over the nodes of the cluster: each id has one actor at most, somewhere, and messages find it.
/// </summary>
public sealed class ClusterSharding : IExtension
{
    internal const string ScopePrefix = "shard/";

    private readonly ActorSystem _system;
    private readonly ConcurrentDictionary<string, IActorRef> _regions = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    private ClusterSharding(ActorSystem system) => _system = system;

    /// <summary>Types that were started on this node.</summary>
    public IReadOnlyCollection<string> ShardTypeNames => [.. _regions.Keys];

    /// <summary>Sharding of a system.</summary>
    public static ClusterSharding Get(ActorSystem system) => system.RegisterExtension(Id.Instance);

    /// <summary>Starts a type on this node; the same region if it was started already.</summary>
    /// <param name="typeName">The type's name, the same on all nodes and for all time.</param>
    /// <param name="entityProps">Makes an entity from its id.</param>
    /// <param name="settings">The same on all nodes.</param>
    /// <param name="messageExtractor">The same on all nodes and for all time.</param>
    /// <param name="handOffStopMessage">What entities are told when their shard moves; <see cref="PoisonPill"/> by
    /// default. It must stop them.</param>
    /// <returns>The region: what is sent to it reaches the entity that the message is for.</returns>
    public IActorRef Start(
        string typeName,
        Func<string, Props> entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor,
        object? handOffStopMessage = null)
    {
        ArgumentNullException.ThrowIfNull(entityProps);
        return Add(typeName, entityProps, settings, messageExtractor, handOffStopMessage);
    }

    /// <inheritdoc cref="Start(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, object)"/>
    public IActorRef Start(
        string typeName,
        Props entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor,
        object? handOffStopMessage = null) =>
        Add(typeName, _ => entityProps, settings, messageExtractor, handOffStopMessage);

    /// <summary>Starts a region that owns nothing and passes all messages on. For nodes without the type's role.
    /// </summary>
    public IActorRef StartProxy(
        string typeName, string? role, IMessageExtractor messageExtractor, ClusterShardingSettings? settings = null) =>
        Add(typeName, null, (settings ?? new()) with { Role = role }, messageExtractor, null);

    /// <summary>The scope under which the entities of a shard write.</summary>
    public static string ScopeOf(string typeName, string shardId) => $"{ScopePrefix}{typeName}/{shardId}";

    /// <summary>The region of a type.</summary>
    /// <exception cref="ArgumentException">The type was not started on this node.</exception>
    public IActorRef ShardRegion(string typeName) => _regions.TryGetValue(typeName, out var region)
        ? region
        : throw new ArgumentException(
            $"'{typeName}' was not started here; started are {string.Join(", ", _regions.Keys)}.", nameof(typeName));

    private IActorRef Add(
        string typeName,
        Func<string, Props>? entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor extractor,
        object? handOffStopMessage)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(typeName);
        ArgumentNullException.ThrowIfNull(extractor);
        settings.Validate();
        lock (_gate)
        {
            if (_regions.TryGetValue(typeName, out var known))
            {
                return known;
            }

            var name = settings.RegionName ?? typeName;
            var spec = new RegionSpec
            {
                TypeName = typeName,
                Path = "/user/" + name,
                ScopePrefix = $"{ScopePrefix}{typeName}/",
                EntityProps = entityProps,
                Extractor = extractor,
                Settings = settings,
                Heir = RendezvousHash.OwnerOf,
                HandOffStopMessage = handOffStopMessage ?? PoisonPill.Instance,
            };
            return _regions[typeName] = _system.ActorOf(Props.Create(() => new ShardRegion(spec)), name);
        }
    }

    private sealed class Id : IExtensionId<ClusterSharding>
    {
        public static readonly Id Instance = new();

        public ClusterSharding CreateExtension(ActorSystem system) => new(system);
    }
}
