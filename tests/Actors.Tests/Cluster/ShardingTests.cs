using System.Globalization;
using GpuActors.Actors.Cluster.Sharding;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>Several nodes in one simulation.</summary>
public sealed class ShardingTests : IDisposable
{
    private const int Entities = 60;

    private readonly ClusterWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_entity_answers_from_the_same_node_whichever_region_is_asked()
    {
        var nodes = _world.Start("a", "b", "c");
        foreach (var id in Ids())
        {
            var homes = nodes.Select((node, i) => node.Ask(id, i).Node).Distinct().ToArray();
            homes.Length.ShouldBe(1);
        }

        _world.Deliveries.Select(delivery => delivery.Node).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void A_message_takes_one_hop_when_the_owner_is_known()
    {
        var nodes = _world.Start("a", "b");
        nodes[0].Ask(IdOn("b"), 0);
        var before = nodes[1].Remoting.Associations.Single(a => a.RemoteAddress == nodes[0].Cluster.SelfAddress);
        for (var i = 1; i <= 10; i++)
        {
            nodes[0].Ask(IdOn("b"), i);
        }

        var after = nodes[1].Remoting.Associations.Single(a => a.RemoteAddress == nodes[0].Cluster.SelfAddress);
        (after.ReceivedMessages - before.ReceivedMessages).ShouldBe(10);
    }

    [Fact]
    public void A_joining_node_gets_its_share_and_no_message_is_lost()
    {
        var first = _world.Start("a", "b")[0];
        var before = _world.Owners();
        var asked = Ask(first, from: 0, count: 400);
        var joined = _world.Add("c");
        asked.AddRange(Ask(first, from: 400, count: 400));
        _world.AwaitBalance();
        asked.AddRange(Ask(first, from: 800, count: 400));
        AllAnswered(asked);

        var moved = _world.Owners().Count(owner => before[owner.Key] != owner.Value);
        moved.ShouldBe(_world.Owners().Count(owner => owner.Value == joined.Name));
        _world.Owners().Values.ToHashSet().ShouldBe(["a", "b", "c"], ignoreOrder: true);
    }

    [Fact]
    public void A_leaving_node_hands_everything_over_and_every_message_is_answered()
    {
        var nodes = _world.Start("a", "b", "c");
        var asked = Ask(nodes[0], from: 0, count: 300);
        var left = _world.Begin(nodes[2].System.Terminate);
        for (var i = 0; i < 30 && !left.IsCompleted; i++)
        {
            asked.AddRange(Ask(nodes[i % 2], from: 300 + (i * 20), count: 20));
            _world.Runtime.Advance(TimeSpan.FromMilliseconds(20));
        }

        _world.Await(() => left.IsCompleted, "the node to have left", 30);
        _world.Nodes.Remove(nodes[2]);
        _world.AwaitBalance();
        asked.AddRange(Ask(nodes[1], from: 2000, count: 100));
        AllAnswered(asked);
        nodes[0].Cluster.State.Members.Select(member => member.Address.Host).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_message_sent_through_the_leaving_node_is_answered()
    {
        var nodes = _world.Start("a", "b");
        var left = _world.Begin(nodes[1].Cluster.LeaveAsync);
        var asked = new List<Task<Noted>>();
        for (var i = 0; i < 50 && !left.IsCompleted; i++)
        {
            asked.AddRange(Ask(nodes[1], from: i * 10, count: 10));
            _world.Runtime.Advance(TimeSpan.FromMilliseconds(10));
        }

        _world.Await(() => left.IsCompleted, "the node to have left");
        AllAnswered(asked);
        nodes[1].Cluster.IsTerminated.ShouldBeTrue();
    }

    [Fact]
    public void A_node_set_to_leave_by_another_shuts_down()
    {
        var nodes = _world.Start("a", "b");
        nodes[0].Cluster.Leave(nodes[1].Cluster.SelfAddress);
        _world.Await(() => nodes[1].System.WhenTerminated.IsCompleted, "the node to have shut down", 30);
        _world.Nodes.Remove(nodes[1]);
        _world.AwaitBalance();
        nodes[0].Ask("x", 1).Node.ShouldBe("a");
    }

    [Fact]
    public void What_a_killed_node_owned_answers_elsewhere_within_three_seconds()
    {
        var nodes = _world.Start("a", "b", "c");
        var lost = Ids().Where(id => nodes[0].Ask(id, 0).Node == "c").ToArray();
        lost.ShouldNotBeEmpty();
        nodes[2].Kill();
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(10)); // the connection breaks
        var died = _world.Runtime.Elapsed;
        var asked = lost.Select(id => nodes[0].Region.Ask<Noted>(new Note(id, 1), TimeSpan.FromSeconds(10))).ToList();
        AllAnswered(asked);
        (_world.Runtime.Elapsed - died).ShouldBeLessThan(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_node_that_restarts_at_its_address_gets_its_shards_back_at_once()
    {
        var nodes = _world.Start("a", "b");
        var before = _world.Owners();
        nodes[1].Kill();
        _world.Nodes.Remove(nodes[1]);
        var again = _world.Add("b");
        _world.AwaitBalance();
        _world.Owners().ShouldBe(before, ignoreOrder: true);
        again.Ask("x", 1);
    }

    [Fact]
    public void While_two_nodes_can_not_reach_each_other_messages_are_kept_and_nothing_runs_twice()
    {
        var nodes = _world.Start("a", "b");
        var id = IdOn("b");
        nodes[0].Ask(id, 1);
        _world.Network.Separate("a", "b");
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(100));
        var asked = nodes[0].Region.Ask<Noted>(new Note(id, 2), TimeSpan.FromSeconds(30));
        _world.Runtime.Advance(TimeSpan.FromSeconds(8));
        asked.IsCompleted.ShouldBeFalse();
        _world.Network.Heal();
        _world.Kit.Await(asked, TimeSpan.FromSeconds(20)).Numbers.ShouldBe([1, 2]);
        _world.Deliveries.Where(delivery => delivery.Id == id).ShouldAllBe(delivery => delivery.Node == "b");
    }

    [Fact]
    public void A_sender_s_messages_keep_their_order()
    {
        var nodes = _world.Start("a", "b", "c");
        var (id, sender) = (IdOn("c"), _world.Nodes[0].System.ActorOf(Props.Create(() => new Silent())));
        for (var i = 0; i < 200; i++)
        {
            nodes[0].Region.Tell(new Note(id, i), sender);
        }

        _world.Await(() => _world.Deliveries.Count(delivery => delivery.Id == id) == 200, "all messages");
        _world.Deliveries.Where(delivery => delivery.Id == id).Select(delivery => delivery.Number)
            .ShouldBe(Enumerable.Range(0, 200));
    }

    [Fact]
    public void Messages_beyond_the_bound_become_dead_letters_with_a_log_line()
    {
        var node = _world.Add("a", sharding: new ClusterShardingSettings { BufferSize = 10 });
        var letters = new List<object>();
        var probe = node.System.ActorOf(Props.Create(() => new Collector(letters)));
        node.System.EventStream.Subscribe<DeadLetter>(probe);
        for (var i = 0; i < 15; i++)
        {
            node.Region.Tell(new Note("x", i), probe); // the node is no member yet
        }

        _world.AwaitBalance();
        letters.OfType<DeadLetter>().Count(letter => letter.Message is Note).ShouldBe(5);
        node.HasLogged("its bound").ShouldBeTrue();
        _world.Deliveries.Select(delivery => delivery.Number).ShouldBe(Enumerable.Range(0, 10));
    }

    [Fact]
    public void Messages_for_an_entity_that_is_being_passivated_start_it_again()
    {
        var node = _world.Start("a")[0];
        node.Ask("x", 1);
        node.Region.Tell(new Rest("x"));
        var asked = Enumerable.Range(2, 5)
            .Select(i => node.Region.Ask<Noted>(new Note("x", i), TimeSpan.FromSeconds(10))).ToArray();
        AllAnswered(asked);
        _world.Kit.Await(asked[^1]).Numbers[^1].ShouldBe(6);
        _world.Deliveries.Count.ShouldBe(6);
    }

    [Fact]
    public void An_entity_that_stops_unexpectedly_is_started_again_after_a_pause()
    {
        var node = _world.Start("a")[0];
        node.Ask("x", 1);
        node.Region.Tell(new Vanish("x"));
        _world.Runtime.RunUntilIdle();
        Count(node).ShouldBe(0);
        _world.Poll(() => Count(node) == 1, "the entity to run again", 3);
    }

    [Fact]
    public void An_idle_entity_is_passivated()
    {
        var node = _world.Add(
            "a", sharding: new ClusterShardingSettings { PassivateIdleAfter = TimeSpan.FromSeconds(5) });
        _world.AwaitBalance();
        node.Ask("x", 1);
        _world.Runtime.Advance(TimeSpan.FromSeconds(4));
        node.Ask("x", 2).Numbers.ShouldBe([1, 2]);
        _world.Poll(() => Count(node) == 0, "the idle entity to stop", 10);
        node.Ask("x", 3).Numbers.ShouldBe([3]);
    }

    [Fact]
    public void Remembered_entities_start_without_a_message_and_move_with_their_shard()
    {
        var ids = Ids().Order(StringComparer.Ordinal).ToArray();
        var settings = new ClusterShardingSettings
        {
            EntityStartBatch = 2,
            RememberEntities = (scope, after) => Task.FromResult<IReadOnlyList<string>>(
            [
                .. ids.Where(id => scope == "shard/entities/" + ClusterWorld.Extractor.ShardId(id)
                    && string.CompareOrdinal(id, after) > 0).Take(3),
            ]),
        };
        var first = _world.Add("a", sharding: settings);
        _world.Poll(() => Count(first) == Entities, "all remembered entities to run");
        var second = _world.Add("b", sharding: settings);
        _world.AwaitBalance();
        _world.Poll(() => Count(first) + Count(second) == Entities, "all to run again");
        Count(second).ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Regions_tell_what_they_own_and_where_entities_live()
    {
        var nodes = _world.Start("a", "b");
        var homes = Ids().ToDictionary(id => id, id => nodes[0].Ask(id, 1).Node);
        var stats = Query<ClusterShardingStats>(nodes[0], new GetClusterShardingStats(TimeSpan.FromSeconds(2)));
        stats.Regions.Count.ShouldBe(2);
        stats.Regions.Values.Sum(region => region.Stats.Values.Sum()).ShouldBe(Entities);
        stats.Regions.Values.Sum(region => region.Stats.Count).ShouldBe(ClusterWorld.Shards);
        Query<CurrentRegions>(nodes[0], new GetCurrentRegions()).Regions.Count.ShouldBe(2);
        Query<CurrentShardRegionState>(nodes[1], new GetShardRegionState())
            .Shards.SelectMany(shard => shard.EntityIds).Order()
            .ShouldBe(homes.Where(home => home.Value == "b").Select(home => home.Key).Order());
        foreach (var (id, home) in homes)
        {
            Query<EntityLocation>(nodes[0], new GetEntityLocation(id)).ShardRegion!.Host.ShouldBe(home);
        }
    }

    [Fact]
    public void A_node_outside_the_cluster_reaches_entities_through_any_region()
    {
        var nodes = _world.Start("a", "b");
        var worker = new ClusterNode(_world, "worker", new(), new(), isPersistent: false);
        _world.Runtime.Run(worker.StartAsync, TimeSpan.FromSeconds(5));
        var region = worker.System.ActorSelection(nodes[0].Cluster.SelfAddress + "/user/entities");
        var envelope = new ShardingEnvelope(IdOn("b"), new Note("inside", 7));
        var noted = _world.Kit.Await(region.Ask<Noted>(envelope, TimeSpan.FromSeconds(5)));
        (noted.Node, noted.Numbers[0]).ShouldBe(("b", 7));
        _world.Kit.Await(worker.System.Terminate(), TimeSpan.FromSeconds(30));
    }

    private static IEnumerable<string> Ids() =>
        Enumerable.Range(0, Entities).Select(i => "e" + i.ToString(CultureInfo.InvariantCulture));

    private string IdOn(string node)
    {
        var owners = _world.Owners();
        return Ids().First(id => owners["shard/entities/" + ClusterWorld.Extractor.ShardId(id)] == node);
    }

    private static List<Task<Noted>> Ask(ClusterNode node, int from, int count) =>
    [
        .. Enumerable.Range(from, count).Select(i => node.Region.Ask<Noted>(
            new Note("e" + (i % Entities).ToString(CultureInfo.InvariantCulture), i), TimeSpan.FromSeconds(10))),
    ];

    private void AllAnswered(IReadOnlyList<Task<Noted>> asked)
    {
        _world.Await(() => asked.All(task => task.IsCompleted), "all answers", 30);
        asked.Count(task => task.IsFaulted).ShouldBe(0);
    }

    private int Count(ClusterNode node) => Query<ShardRegionStats>(node, new GetShardRegionStats()).Stats.Values.Sum();

    private T Query<T>(ClusterNode node, object query)
    {
        var asked = node.Region.Ask<T>(query, TimeSpan.FromSeconds(5));
        _world.Runtime.RunUntil(() => asked.IsCompleted, TimeSpan.FromSeconds(6));
        return asked.Result;
    }

    private sealed class Silent : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            // It only sends.
        }
    }

    private sealed class Collector(List<object> collected) : UntypedActor
    {
        protected override void OnReceive(object message) => collected.Add(message);
    }
}
