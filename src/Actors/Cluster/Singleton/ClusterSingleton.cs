using System.Collections.Concurrent;
using GpuActors.Actors.Cluster.Sharding;

namespace GpuActors.Actors.Cluster.Singleton;

/// <summary>An actor of which there is one in the cluster.</summary>
/// <param name="Props">How to make it. It may not receive the messages of sharding itself.</param>
/// <param name="Name">Its name, the same on all nodes and for all time.</param>
public sealed record SingletonActor(Props Props, string Name)
{
    /// <summary>Only members with this role run it; null for all.</summary>
    public string? Role { get; init; }

    /// <summary>What it is told when it moves; it must stop then.</summary>
    public object StopMessage { get; init; } = PoisonPill.Instance;

    /// <summary>How it is kept and how messages for it are; <see cref="ClusterShardingSettings.Role"/> does not
    /// count.</summary>
    public ClusterShardingSettings Settings { get; init; } = new();

    /// <summary>An actor of which there is one in the cluster.</summary>
    public static SingletonActor Create(Props props, string name) => new(props, name);

    /// <summary>With another <see cref="Role"/>.</summary>
    public SingletonActor WithRole(string? role) => this with { Role = role };

    /// <summary>With another <see cref="StopMessage"/>.</summary>
    public SingletonActor WithStopMessage(object message) => this with { StopMessage = message };
}

/// <summary>
/// Singletons run on the oldest member that is up, under a scope of their own, so what they write is fenced. They are
/// regions with one shard that has one entity, which always runs: everything that holds for shards holds for them.
/// </summary>
public sealed class ClusterSingleton : IExtension
{
    private readonly ActorSystem _system;
    private readonly ConcurrentDictionary<string, Lazy<IActorRef>> _singletons = new(StringComparer.Ordinal);

    private ClusterSingleton(ActorSystem system) => _system = system;

    /// <summary>Singletons of a system.</summary>
    public static ClusterSingleton Get(ActorSystem system) => system.RegisterExtension(Id.Instance);

    /// <summary>
    /// Lets this node run the singleton when it is its turn. To be called on each node, with or without the role.
    /// </summary>
    /// <returns>What is sent to it reaches the singleton, wherever it runs; while it runs nowhere messages are kept,
    /// bounded in number and time.</returns>
    public IActorRef Init(SingletonActor singleton)
    {
        ArgumentNullException.ThrowIfNull(singleton);
        singleton.Settings.Validate();
        return _singletons.GetOrAdd(singleton.Name, _ => new Lazy<IActorRef>(() => Start(singleton))).Value;
    }

    private IActorRef Start(SingletonActor singleton)
    {
        var actorName = "singleton-" + singleton.Name;
        var spec = new RegionSpec
        {
            TypeName = singleton.Name,
            Path = "/user/" + actorName,
            ScopePrefix = "singleton/",
            EntityProps = _ => singleton.Props,
            Extractor = new Extractor(singleton.Name),
            Settings = singleton.Settings with
            {
                Role = singleton.Role,
                PassivateIdleAfter = null,
                RememberEntities = (_, after) =>
                    Task.FromResult<IReadOnlyList<string>>(after is null ? [singleton.Name] : []),
            },
            Heir = static (_, candidates) => candidates.MinBy(static member => member.Number),
            HandOffStopMessage = singleton.StopMessage,
        };
        return _system.ActorOf(Props.Create(() => new ShardRegion(spec)), actorName);
    }

    /// <summary>Everything is for the one entity of the one shard.</summary>
    private sealed class Extractor(string name) : IMessageExtractor
    {
        public IReadOnlyList<string> ShardIds { get; } = [name];

        public string EntityId(object message) => name;

        public object EntityMessage(object message) => message;

        public string ShardId(string entityId, object? messageHint = null) => name;
    }

    private sealed class Id : IExtensionId<ClusterSingleton>
    {
        public static readonly Id Instance = new();

        public ClusterSingleton CreateExtension(ActorSystem system) => new(system);
    }
}
