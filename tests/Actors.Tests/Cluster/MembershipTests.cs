using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Tests.Cluster;

public sealed class MembershipTests : IDisposable
{
    private readonly ClusterWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_subscriber_sees_members_come_up_and_go()
    {
        var nodes = _world.Start("a");
        var events = Subscribe(nodes[0], typeof(ClusterEvent.IMemberEvent));
        var second = _world.Add("b", settings: new ClusterSettings { Roles = ["scheduler"], AppVersion = "7.1" });
        _world.AwaitBalance();
        _world.Kit.Await(_world.Begin(second.Cluster.LeaveAsync), TimeSpan.FromSeconds(30));
        _world.Await(() => events.OfType<ClusterEvent.MemberRemoved>().Any(), "the removal to be told");
        events[0].ShouldBeOfType<ClusterEvent.CurrentClusterState>().Members.Count.ShouldBe(1);
        events.Skip(1).Select(happened => happened.GetType().Name)
            .ShouldBe(["MemberJoined", "MemberUp", "MemberLeft", "MemberRemoved"]);
        var up = events.OfType<ClusterEvent.MemberUp>().Single().Member;
        up.HasRole("scheduler").ShouldBeTrue();
        up.AppVersion.ShouldBe("7.1");
        up.Address.ShouldBe(second.Cluster.SelfAddress);
    }

    [Fact]
    public void A_dead_member_is_unreachable_then_down_then_removed()
    {
        var settings = new ClusterSettings { DownAfter = TimeSpan.FromSeconds(4), RemoveAfter = TimeSpan.FromSeconds(6) };
        var first = _world.Add("a", settings);
        var second = _world.Add("b", settings);
        _world.AwaitBalance();
        var events = Subscribe(first);
        second.Kill();
        _world.Await(() => events.OfType<ClusterEvent.MemberRemoved>().Any(), "the dead member to be removed");
        events.Skip(1).Select(happened => happened.GetType().Name).Where(name => name != "UnreachableMember")
            .ShouldBe(["MemberDowned", "MemberRemoved"]);
        first.Cluster.State.Members.Count.ShouldBe(1);
    }

    [Fact]
    public void A_dead_member_that_owned_nothing_is_set_down_too()
    {
        var sharding = new GpuActors.Actors.Cluster.Sharding.ClusterShardingSettings { Role = "owner" };
        var first = _world.Add("a", new ClusterSettings { Roles = ["owner"] }, sharding);
        var second = _world.Add("b", new ClusterSettings(), sharding);
        _world.Await(() => second.Cluster.IsUp && first.Cluster.State.Members.Count == 2, "both to be up");
        second.Kill();
        _world.Await(
            () => first.Cluster.State.Members.Any(member => member.Status == MemberStatus.Down), "the dead to be down");
    }

    [Fact]
    public void A_node_whose_store_is_away_at_first_joins_when_it_is_there()
    {
        _world.CutFromStore.Add("a");
        var node = _world.Add("a");
        _world.Runtime.Advance(TimeSpan.FromSeconds(30));
        node.Cluster.IsUp.ShouldBeFalse();
        _world.CutFromStore.Clear();
        _world.Await(() => node.Cluster.WhenUp.IsCompleted, "the node to be up", 10);
        _world.AwaitBalance();
        node.Ask("x", 1).Numbers.ShouldBe([1]);
    }

    [Fact]
    public void The_first_event_may_be_replaced_by_the_events_that_led_there()
    {
        var nodes = _world.Start("a", "b");
        var events = new List<object>();
        var collector = nodes[0].System.ActorOf(Props.Create(() => new Collector(events)));
        nodes[0].Cluster.Subscribe(collector, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents);
        _world.Runtime.RunUntilIdle();
        var up = events.OfType<ClusterEvent.MemberUp>().Select(happened => happened.Member).ToArray();
        up.Select(member => member.Address.Host).ShouldBe(["a", "b"], ignoreOrder: true);
        up[0].IsOlderThan(up[1]).ShouldBeTrue();
        nodes[0].Cluster.State.Leader.ShouldBe(up[0].Address);
    }

    [Fact]
    public void A_system_can_be_part_of_one_cluster_only()
    {
        var node = _world.Start("a")[0];
        Should.Throw<InvalidOperationException>(() => node.System.UseCluster(_world.Database.Connect("a")))
            .Message.ShouldContain("already");
    }

    [Fact]
    public void Settings_that_can_not_work_are_refused() => Should.Throw<ArgumentOutOfRangeException>(
        () => new ClusterSettings { Lease = TimeSpan.FromMilliseconds(500) }.Validate()).Message.ShouldContain("RenewInterval");

    private List<object> Subscribe(ClusterNode node, params Type[] types)
    {
        var events = new List<object>();
        node.Cluster.Subscribe(node.System.ActorOf(Props.Create(() => new Collector(events))), types);
        _world.Runtime.RunUntilIdle();
        return events;
    }

    private sealed class Collector(List<object> events) : UntypedActor
    {
        protected override void OnReceive(object message) => events.Add(message);
    }
}
