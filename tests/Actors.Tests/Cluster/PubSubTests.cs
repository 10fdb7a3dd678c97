using GpuActors.Actors.Cluster.PubSub;

namespace GpuActors.Actors.Tests.Cluster;

public sealed class PubSubTests : IDisposable
{
    private readonly ClusterWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_publication_reaches_each_subscriber_on_every_node_once()
    {
        var nodes = _world.Start("a", "b", "c");
        var inboxes = nodes.Select(node => Subscribe(node, "news")).ToArray();
        var twice = Subscribe(nodes[1], "news");
        Subscribe(nodes[2], "other");
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        Publish(nodes[0], "news", 1);
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        foreach (var inbox in inboxes.Append(twice))
        {
            inbox.ShouldBe([new Note("news", 1)]);
        }
    }

    [Fact]
    public void A_node_that_joins_later_publishes_to_those_who_subscribed_before()
    {
        var first = _world.Start("a")[0];
        var inbox = Subscribe(first, "news");
        var second = _world.Add("b");
        _ = DistributedPubSub.Get(second.System);
        _world.AwaitBalance();
        _world.Runtime.Advance(TimeSpan.FromSeconds(2));
        Publish(second, "news", 2);
        _world.Await(() => inbox.Count == 1, "the publication");
        inbox[0].ShouldBe(new Note("news", 2));
    }

    [Fact]
    public void What_a_partition_hid_is_known_soon_after_it()
    {
        var nodes = _world.Start("a", "b");
        _ = DistributedPubSub.Get(nodes[0].System);
        _ = DistributedPubSub.Get(nodes[1].System);
        _world.Network.Separate("a", "b");
        _world.Runtime.Advance(TimeSpan.FromSeconds(20));
        var inbox = Subscribe(nodes[1], "news");
        _world.Runtime.Advance(TimeSpan.FromSeconds(20));
        _world.Network.Heal();
        _world.Poll(
            () =>
            {
                Publish(nodes[0], "news", 3);
                return inbox.Count > 0;
            },
            "the subscription to be known again");
    }

    [Fact]
    public void A_subscriber_that_has_stopped_or_unsubscribed_gets_nothing()
    {
        var nodes = _world.Start("a", "b");
        var inbox = new List<object>();
        var subscriber = nodes[1].System.ActorOf(Props.Create(() => new Inbox(inbox)));
        var mediator = DistributedPubSub.Get(nodes[1].System).Mediator;
        mediator.Tell(new Subscribe("news", subscriber), subscriber);
        mediator.Tell(new Unsubscribe("news", subscriber), subscriber);
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        Publish(nodes[0], "news", 1);
        mediator.Tell(new Subscribe("news", subscriber), subscriber);
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        nodes[1].System.Stop(subscriber);
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        Publish(nodes[0], "news", 2);
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        inbox.OfType<Note>().ShouldBeEmpty();
        inbox.Select(message => message.GetType().Name)
            .ShouldBe(["SubscribeAck", "UnsubscribeAck", "SubscribeAck"]);
    }

    private List<object> Subscribe(ClusterNode node, string topic)
    {
        var inbox = new List<object>();
        var subscriber = node.System.ActorOf(Props.Create(() => new Inbox(inbox)));
        DistributedPubSub.Get(node.System).Mediator.Tell(new Subscribe(topic, subscriber), ActorRefs.NoSender);
        return inbox;
    }

    private static void Publish(ClusterNode node, string topic, int number) => DistributedPubSub
        .Get(node.System).Mediator.Tell(new Publish(topic, new Note(topic, number)), ActorRefs.NoSender);

    private sealed class Inbox(List<object> messages) : UntypedActor
    {
        protected override void OnReceive(object message) => messages.Add(message);
    }
}
