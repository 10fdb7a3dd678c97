namespace GpuActors.Actors.Cluster.PubSub;

/// <summary>Topics that actors of all nodes subscribe to and publish to.</summary>
public sealed class DistributedPubSub : IExtension
{
    internal const string ActorName = "distributed-pub-sub";

    private DistributedPubSub(ActorSystem system) =>
        Mediator = system.SystemActorOf(Props.Create(() => new PubSubMediator()), ActorName);

    /// <summary>Takes <see cref="Subscribe"/>, <see cref="Unsubscribe"/>, <see cref="Publish"/> and
    /// <see cref="GetTopics"/>. There must be one on each node.</summary>
    public IActorRef Mediator { get; }

    /// <summary>Pub-sub of a system.</summary>
    public static DistributedPubSub Get(ActorSystem system) => system.RegisterExtension(Id.Instance);

    private sealed class Id : IExtensionId<DistributedPubSub>
    {
        public static readonly Id Instance = new();

        public DistributedPubSub CreateExtension(ActorSystem system) => new(system);
    }
}
