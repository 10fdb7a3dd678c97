using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>
/// This node's part in its cluster. Nodes that share an <see cref="IClusterStore"/> are one cluster; a node for which
/// <see cref="ClusterSystemExtensions.UseCluster"/> was not called is a cluster of its own, in which everything works
/// the same.
/// </summary>
public sealed class Cluster : IExtension
{
    internal const string ActorName = "cluster";

    private readonly ActorSystem _system;
    private readonly TaskCompletionSource _up = new();
    private long _actingUntil;
    private volatile ClusterEvent.CurrentClusterState _state = ClusterEvent.CurrentClusterState.Empty;
    private volatile Member? _self;
    private volatile bool _isTerminated;

    internal Cluster(ActorSystem system, IMembershipStore store, ClusterSettings settings)
    {
        settings.Validate();
        _system = system;
        Settings = settings;
        IsShared = store.IsShared;
        Actor = system.SystemActorOf(Props.Create(() => new ClusterActor(this, store)), ActorName);
        AddShutdownTasks(CoordinatedShutdown.Get(system));
    }

    /// <summary>As given.</summary>
    public ClusterSettings Settings { get; }

    /// <summary>The cluster as this node saw it last.</summary>
    public ClusterEvent.CurrentClusterState State => _state;

    /// <summary>This node as a member; null while it is none.</summary>
    public Member? SelfMember => _self;

    /// <summary>Where others reach this node.</summary>
    public Address SelfAddress => _system.Provider.Address;

    /// <summary>What this node is for.</summary>
    public IReadOnlyList<string> SelfRoles => Settings.Roles;

    /// <summary>Whether this node is up and its lease holds.</summary>
    public bool IsUp => IsActing && _self?.Status == MemberStatus.Up;

    /// <summary>Whether this node has left for good.</summary>
    public bool IsTerminated => _isTerminated;

    /// <summary>Completes when this node is up for the first time.</summary>
    public Task WhenUp => _up.Task;

    /// <summary>Whether this node's lease holds, by its own clock at this moment.</summary>
    internal bool IsActing
    {
        get
        {
            var until = Volatile.Read(ref _actingUntil);
            return until == long.MaxValue || _system.Runtime.Time.GetTimestamp() < until;
        }
    }

    /// <summary>Whether others can take over: whether tokens count.</summary>
    internal bool IsShared { get; }

    internal IActorRef Actor { get; }

    /// <summary>The cluster of a system; one of this node alone if none was set up before.</summary>
    public static Cluster Get(ActorSystem system) =>
        system.TryGetExtension<Cluster>(out var known) ? known : system.RegisterExtension(new Id(null, new()));

    /// <summary>Delivers events of these types, all if none is given, after one
    /// <see cref="ClusterEvent.CurrentClusterState"/>. Ends when the subscriber stops.</summary>
    public void Subscribe(IActorRef subscriber, params Type[] types) =>
        Subscribe(subscriber, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, types);

    /// <inheritdoc cref="Subscribe(IActorRef, Type[])"/>
    public void Subscribe(
        IActorRef subscriber, ClusterEvent.SubscriptionInitialStateMode initialStateMode, params Type[] types) =>
        Actor.Tell(new SubscribeToCluster(subscriber, initialStateMode, [.. types]), ActorRefs.NoSender);

    /// <summary>Ends a subscription.</summary>
    public void Unsubscribe(IActorRef subscriber) =>
        Actor.Tell(new UnsubscribeFromCluster(subscriber), ActorRefs.NoSender);

    /// <summary>Lets a member hand over what it owns and leave.</summary>
    public void Leave(Address address) =>
        Actor.Tell(new ChangeStatus(address, MemberStatus.Leaving), ActorRefs.NoSender);

    /// <summary>Lets this node hand over what it owns and leave; completes when it has. The actor system goes on.
    /// </summary>
    public async Task LeaveAsync()
    {
        await Actor.Ask<Done>(HandOverAll.Instance, Timeout.InfiniteTimeSpan);
        await Actor.Ask<Done>(RemoveSelf.Instance, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Declares a member dead: what it owns is taken over at once, and its writes are refused.</summary>
    public void Down(Address address) =>
        Actor.Tell(new ChangeStatus(address, MemberStatus.Down), ActorRefs.NoSender);

    internal void Publish(ClusterEvent.CurrentClusterState state, Member? self)
    {
        _state = state;
        _self = self;
        if (self?.Status == MemberStatus.Up && !_up.Task.IsCompleted)
        {
            _system.Runtime.Execute(new Completion(_up));
        }
    }

    internal void ActUntil(long timestamp) => Volatile.Write(ref _actingUntil, timestamp);

    internal void Terminated() => _isTerminated = true;

    private void AddShutdownTasks(CoordinatedShutdown shutdown)
    {
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, "hand-over", async () =>
        {
            await Actor.Ask<Done>(HandOverAll.Instance, Timeout.InfiniteTimeSpan);
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "leave-cluster", async () =>
        {
            await Actor.Ask<Done>(RemoveSelf.Instance, Timeout.InfiniteTimeSpan);
        });
    }

    /// <summary>Completes outside of the actor's turn.</summary>
    private sealed class Completion(TaskCompletionSource source) : IThreadPoolWorkItem
    {
        public void Execute() => source.TrySetResult();
    }

    internal sealed class Id(IClusterStore? store, ClusterSettings settings) : IExtensionId<Cluster>
    {
        public Cluster CreateExtension(ActorSystem system) => new(
            system,
            store is null ? new SingleMemberStore(system.Runtime.Time) : new SharedMembershipStore(store),
            settings);
    }
}

/// <summary>Makes an actor system a node of a cluster.</summary>
public static class ClusterSystemExtensions
{
    /// <summary>
    /// Joins the cluster of those who share <paramref name="store"/>. To be called after remoting has been started, and
    /// before anything that uses the cluster. The store stays the caller's.
    /// </summary>
    /// <exception cref="InvalidOperationException">The system is part of a cluster already.</exception>
    public static Cluster UseCluster(this ActorSystem system, IClusterStore store, ClusterSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (system.TryGetExtension<Cluster>(out _))
        {
            throw new InvalidOperationException(
                $"{system.Name} is part of a cluster already; call UseCluster once, before sharding is used.");
        }

        return system.RegisterExtension(new Cluster.Id(store, settings ?? new ClusterSettings()));
    }
}
