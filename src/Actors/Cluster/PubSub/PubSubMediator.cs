using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Cluster.PubSub;

/// <summary>
/// Keeps this node's subscribers, and which topics have some on other nodes. Each mediator sends its list to all others
/// when it changes, and its list's version now and then; who has another one asks for the list. So whatever gets lost,
/// all agree soon after.
/// </summary>
internal sealed class PubSubMediator : UntypedActor, IWithTimers
{
    private static readonly TimeSpan GossipInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, HashSet<IActorRef>> _subscribers = new(StringComparer.Ordinal);
    private readonly Dictionary<Address, Peer> _peers = [];
    private readonly Cluster _cluster;
    private string _selfId = "";
    private long _version;

    public PubSubMediator() => _cluster = Cluster.Get(Context.System);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _selfId = Context.System.Runtime.Random.NextGuid().ToString("N");
        _cluster.Subscribe(Self);
        Timers.StartPeriodicTimer(nameof(Gossip), Gossip.Instance, GossipInterval);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Publish publish:
                OnPublish(publish);
                break;
            case Published published:
                TellSubscribers(published.Topic, published.Message);
                break;
            case Subscribe subscribe:
                OnSubscribe(subscribe);
                break;
            case Unsubscribe unsubscribe:
                Remove(unsubscribe.Topic, unsubscribe.Ref);
                Sender.Tell(new UnsubscribeAck(unsubscribe), Self);
                break;
            case Terminated terminated:
                foreach (var topic in _subscribers.Keys.ToArray())
                {
                    Remove(topic, terminated.ActorRef);
                }

                break;
            case GetTopics:
                Sender.Tell(new CurrentTopics(
                    [.. _subscribers.Keys.Union(_peers.Values.SelectMany(peer => peer.Topics)).Order()]), Self);
                break;
            default:
                OnClusterMessage(message);
                break;
        }
    }

    private void OnClusterMessage(object message)
    {
        switch (message)
        {
            case ClusterEvent.CurrentClusterState state:
                SetPeers(state.Members);
                break;
            case ClusterEvent.IClusterDomainEvent:
                SetPeers(_cluster.State.Members);
                break;
            case TopicList list when _peers.TryGetValue(Sender.Path.Address, out var peer):
                peer.Learn(list);
                break;
            case TopicsVersion version when _peers.TryGetValue(Sender.Path.Address, out var peer):
                if (peer.MemberId != version.MemberId || peer.Version != version.Version)
                {
                    Sender.Tell(new TopicsRequest(), Self);
                }

                break;
            case TopicsRequest:
                Sender.Tell(List(), Self);
                break;
            case Gossip:
                SetPeers(_cluster.State.Members);
                TellPeers(new TopicsVersion(_selfId, _version));
                break;
            case TopicList or TopicsVersion:
                break; // of a node that this one does not know yet
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnPublish(Publish publish)
    {
        TellSubscribers(publish.Topic, publish.Message);
        Published? published = null;
        foreach (var peer in _peers.Values)
        {
            if (peer.Topics.Contains(publish.Topic))
            {
                peer.Mediator.Tell(published ??= new Published(publish.Topic, publish.Message), Cell.SenderOrNull);
            }
        }
    }

    private void TellSubscribers(string topic, object message)
    {
        if (_subscribers.TryGetValue(topic, out var subscribers))
        {
            foreach (var subscriber in subscribers)
            {
                subscriber.Tell(message, Cell.SenderOrNull);
            }
        }
    }

    private void OnSubscribe(Subscribe subscribe)
    {
        if (!_subscribers.TryGetValue(subscribe.Topic, out var subscribers))
        {
            _subscribers[subscribe.Topic] = subscribers = [];
            Changed();
        }

        subscribers.Add(subscribe.Ref);
        Context.Watch(subscribe.Ref);
        Sender.Tell(new SubscribeAck(subscribe), Self);
    }

    private void Remove(string topic, IActorRef subscriber)
    {
        if (_subscribers.TryGetValue(topic, out var subscribers) && subscribers.Remove(subscriber)
            && subscribers.Count == 0)
        {
            _subscribers.Remove(topic);
            Changed();
        }
    }

    private void Changed()
    {
        _version++;
        TellPeers(List());
    }

    private TopicList List() => new(_selfId, _version, [.. _subscribers.Keys]);

    private void TellPeers(object message)
    {
        foreach (var peer in _peers.Values)
        {
            peer.Mediator.Tell(message, Self);
        }
    }

    private void SetPeers(IReadOnlyList<Member> members)
    {
        var present = members
            .Where(member => member.Status < MemberStatus.Down && member.Address != _cluster.SelfAddress)
            .Select(member => member.Address).ToHashSet();
        foreach (var gone in _peers.Keys.Where(address => !present.Contains(address)).ToArray())
        {
            _peers.Remove(gone);
        }

        foreach (var address in present)
        {
            if (!_peers.ContainsKey(address))
            {
                var path = ActorPath.Root(address) / "system" / DistributedPubSub.ActorName;
                var peer = _peers[address] = new Peer(Context.System.Provider.ResolveActorRef(path));
                peer.Mediator.Tell(List(), Self);
                peer.Mediator.Tell(new TopicsRequest(), Self);
            }
        }
    }

    /// <summary>The mediator of another node, and what its node wants.</summary>
    private sealed class Peer(IActorRef mediator)
    {
        public IActorRef Mediator => mediator;

        public string? MemberId { get; private set; }

        public long Version { get; private set; } = -1;

        public HashSet<string> Topics { get; private set; } = [];

        public void Learn(TopicList list)
        {
            if (MemberId != list.MemberId || Version < list.Version)
            {
                (MemberId, Version) = (list.MemberId, list.Version);
                Topics = new HashSet<string>(list.Topics, StringComparer.Ordinal);
            }
        }
    }

    private sealed class Gossip
    {
        public static Gossip Instance { get; } = new();
    }
}
