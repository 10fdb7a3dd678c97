using System.Globalization;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Persistence;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>Nodes that are wrong about what they own, with entities that write.</summary>
public sealed class FencingTests : IDisposable
{
    private readonly ClusterWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Entities_write_under_the_token_of_their_shard_and_others_under_the_node_s()
    {
        var node = Start("a")[0];
        var persistence = node.System.GetExtension<PersistenceExtension>();
        node.Ask("x", 1);
        var shard = ClusterWorld.Extractor.ShardId("x");
        var entity = (ActorCell)node.System.Provider.ResolveActorRef($"akka://cluster/user/entities/{shard}/x");
        Await(persistence.OwnershipOf(entity)).Scope.ShouldBe("shard/entities/" + shard);
        Await(persistence.OwnershipOf((ActorCell)node.Region)).Scope.ShouldBe("node/a");
    }

    [Fact]
    public void A_node_paused_past_its_lease_finds_its_writes_refused_and_rejoins()
    {
        var nodes = Start("a", "b");
        var id = IdOn("b");
        nodes[0].Ask(id, 1);
        var former = nodes[1].MemberId;
        var late = nodes[1].System.Provider.ResolveActorRef(
            $"akka://cluster/user/entities/{ClusterWorld.Extractor.ShardId(id)}/{id}");
        nodes[1].Pause();
        _world.Runtime.Advance(TimeSpan.FromSeconds(20));
        nodes[0].Ask(id, 2).ShouldSatisfyAllConditions(
            noted => noted.Node.ShouldBe("a"), noted => noted.Numbers.ShouldBe([1, 2]));

        // The entity believes that it still owns its shard, and gets a command before anything else.
        var lost = late.Ask<Noted>(new Note(id, 666), TimeSpan.FromSeconds(5));
        nodes[1].Resume();
        _world.Await(() => nodes[1].MemberId is { } now && now != former, "the node to have joined anew");
        _world.AwaitBalance();
        _world.Await(() => lost.IsCompleted, "the late command to be given up");
        lost.IsFaulted.ShouldBeTrue();
        nodes[0].Ask(id, 3).Numbers.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_node_whose_own_scope_was_taken_stays_out_and_says_so()
    {
        var held = new OwnershipToken("node/b", 1);
        var first = _world.Add("a", isPersistent: true);
        var replaced = _world.Add("b", new ClusterSettings { NodeScope = held }, isPersistent: true);
        _world.AwaitBalance();
        var lost = new List<object>();
        var collector = replaced.System.ActorOf(Props.Create(() => new LostCollector(lost)));
        replaced.System.EventStream.Subscribe<OwnershipLost>(collector);
        replaced.Pause();
        _world.Runtime.Run(
            () => _world.Database.Connect("successor").AcquireOwnershipAsync(held.Scope, "successor"),
            TimeSpan.FromSeconds(1)).Epoch.ShouldBe(2);
        first.Cluster.Down(replaced.Cluster.SelfAddress);
        _world.Runtime.Advance(TimeSpan.FromSeconds(5));
        replaced.Resume();
        _world.Await(() => lost.Count > 0, "the node to learn that it was replaced");
        lost[0].ShouldBeOfType<OwnershipLost>().ShouldSatisfyAllConditions(
            happened => happened.Token.ShouldBe(held),
            happened => happened.CurrentEpoch.ShouldBe(2),
            happened => happened.CurrentOwner.ShouldBe("successor"));
        _world.Runtime.Advance(TimeSpan.FromSeconds(30));
        replaced.MemberId.ShouldBeNull();
        first.Ask("x", 1).Node.ShouldBe("a");
    }

    [Fact]
    public void A_node_that_writes_nothing_notices_all_the_same_that_its_scope_was_taken()
    {
        var held = new OwnershipToken("node/b", 1);
        _world.Add("a", isPersistent: true);
        var node = _world.Add("b", new ClusterSettings { NodeScope = held }, isPersistent: true);
        _world.AwaitBalance();
        var lost = new List<object>();
        node.System.EventStream.Subscribe<OwnershipLost>(
            node.System.ActorOf(Props.Create(() => new LostCollector(lost))));
        _world.Runtime.Advance(TimeSpan.FromSeconds(5));
        lost.ShouldBeEmpty();

        _world.Runtime.Run(
            () => _world.Database.Connect("successor").AcquireOwnershipAsync(held.Scope, "successor"),
            TimeSpan.FromSeconds(1)).Epoch.ShouldBe(2);
        _world.Await(() => lost.Count > 0, "the node to learn that its name was taken");
        lost[0].ShouldBeOfType<OwnershipLost>().CurrentOwner.ShouldBe("successor");
    }

    [Fact]
    public void An_entity_with_a_poison_event_is_left_alone_for_a_while_and_others_go_on()
    {
        var node = Start("a")[0];
        node.Ask("good", 1);
        node.Ask("bad", 1);
        var persistence = node.System.GetExtension<PersistenceExtension>();
        var shard = "shard/entities/" + ClusterWorld.Extractor.ShardId("bad");
        var token = _world.Runtime.Run(
            () => persistence.Store.ReadOwnershipAsync(shard), TimeSpan.FromSeconds(1))!.Token;
        var poison = new AtomicWrite
        {
            Ownership = token, PersistenceId = "entity-bad", FirstSequenceNr = 2,
            Events = [new NewEvent("nobody/knows", "{}"u8.ToArray())],
        };
        _world.Runtime.Run(() => persistence.Store.AppendAsync(poison), TimeSpan.FromSeconds(1));
        node.Region.Tell(new Vanish("bad"));
        _world.Await(() => persistence.Quarantine.Actors.Count > 0, "the entity to be in quarantine");
        var tried = persistence.Quarantine.Actors.Single();
        tried.PersistenceId.ShouldBe("entity-bad");
        tried.Problem.ShouldContain("nobody/knows");

        var unanswered = _world.Begin(() => node.Region.Ask<Noted>(new Note("bad", 2), TimeSpan.FromSeconds(5)));
        _world.Runtime.Advance(TimeSpan.FromSeconds(50));
        unanswered.IsFaulted.ShouldBeTrue();
        persistence.Quarantine.Actors.Single().Since.ShouldBe(tried.Since, "it is not tried again so soon");
        node.Ask("good", 2).Numbers.ShouldBe([1, 2]);

        _world.Runtime.Advance(TimeSpan.FromSeconds(15));
        persistence.Quarantine.Actors.Single().Since.ShouldBeGreaterThan(tried.Since, "it is tried again then");
    }

    [Fact]
    public void A_node_cut_off_from_the_store_stops_acting_before_its_lease_ends_and_others_take_over()
    {
        var nodes = Start("a", "b");
        var id = IdOn("b");
        nodes[0].Ask(id, 1);
        _world.CutFromStore.Add("b");
        var cut = _world.Runtime.Elapsed;
        _world.Await(() => !nodes[1].Cluster.IsUp, "the node to stop acting", 2);
        (_world.Runtime.Elapsed - cut).ShouldBeLessThan(nodes[1].Cluster.Settings.Lease);
        _world.Runtime.RunUntilIdle();
        nodes[0].Ask(id, 2).Node.ShouldBe("a");
        (_world.Runtime.Elapsed - cut).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        _world.Doubles.ShouldBeEmpty();

        _world.CutFromStore.Clear();
        _world.AwaitBalance();
        nodes[1].Ask(id, 3).ShouldSatisfyAllConditions(
            noted => noted.Node.ShouldBe("b"), noted => noted.Numbers.ShouldBe([1, 2, 3]));
        _world.Doubles.ShouldBeEmpty();
    }

    [Fact]
    public void When_the_store_was_away_for_all_everybody_goes_on_with_what_it_had()
    {
        var nodes = Start("a", "b", "c");
        var before = _world.Owners();
        var members = nodes.Select(node => node.MemberId).ToArray();
        nodes[0].Ask("x", 1);
        _world.CutFromStore.UnionWith(["a", "b", "c"]);
        _world.Runtime.Advance(TimeSpan.FromSeconds(10));
        nodes.ShouldAllBe(node => !node.Cluster.IsUp);
        var asked = nodes[0].Region.Ask<Noted>(new Note("x", 2), TimeSpan.FromSeconds(10));
        _world.CutFromStore.Clear();
        _world.AwaitBalance();
        Await(asked).Numbers.ShouldBe([1, 2]);
        _world.Owners().ShouldBe(before, ignoreOrder: true);
        nodes.Select(node => node.MemberId).ShouldBe(members);
    }

    [Fact]
    public void A_node_that_another_sets_down_loses_everything_at_once_and_rejoins()
    {
        var nodes = Start("a", "b");
        var former = nodes[1].MemberId;
        nodes[0].Cluster.Down(nodes[1].Cluster.SelfAddress);
        _world.Await(() => nodes[1].MemberId is { } now && now != former, "the node to have joined anew");
        _world.AwaitBalance();
        _world.Doubles.ShouldBeEmpty();
    }

    private ClusterNode[] Start(params string[] names)
    {
        foreach (var name in names)
        {
            _world.Add(name, isPersistent: true);
        }

        _world.AwaitBalance();
        return [.. _world.Nodes];
    }

    private string IdOn(string node)
    {
        var owners = _world.Owners();
        return Enumerable.Range(0, 100).Select(i => "e" + i.ToString(CultureInfo.InvariantCulture))
            .First(id => owners["shard/entities/" + ClusterWorld.Extractor.ShardId(id)] == node);
    }

    private T Await<T>(Task<T> task) => _world.Kit.Await(task, TimeSpan.FromSeconds(20));

    private sealed class LostCollector : ReceiveActor
    {
        public LostCollector(List<object> lost) => ReceiveAny(lost.Add);
    }
}
