using GpuActors.Actors.Cluster.PubSub;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Cluster.Singleton;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>A system that is part of no cluster.</summary>
public sealed class SingleNodeTests : TestKit.TestKit
{
    [Fact]
    public void Entities_singletons_and_topics_work_without_remoting_and_store()
    {
        var region = Start("things");
        Await(region.Ask<string>(new ShardingEnvelope("x", "hello"))).ShouldBe("hello x");
        var singleton = ClusterSingleton.Get(Sys).Init(
            SingletonActor.Create(Props.Create(() => new Echo("one")), "one"));
        Await(singleton.Ask<string>("hello")).ShouldBe("hello one");
        DistributedPubSub.Get(Sys).Mediator.Tell(new Subscribe("news", TestActor), TestActor);
        ExpectMsg<SubscribeAck>();
        DistributedPubSub.Get(Sys).Mediator.Tell(new Publish("news", "today"), TestActor);
        ExpectMsg("today");
        ClusterSharding.Get(Sys).ShardTypeNames.ShouldBe(["things"]);
        ClusterSharding.Get(Sys).ShardRegion("things").ShouldBe(region);
    }

    [Fact]
    public void Persistent_entities_write_under_the_token_of_the_node()
    {
        var store = new SimulatedDatabase(Runtime).Connect("only");
        Sys.UsePersistence(store);
        var region = Start("things");
        Await(region.Ask<string>(new ShardingEnvelope("x", "hello")));
        var persistence = Sys.GetExtension<PersistenceExtension>();
        Await(persistence.OwnershipOf((ActorCell)region)).Scope.ShouldBe("node");
    }

    [Fact]
    public void A_shutdown_lets_entities_finish_what_they_have_received()
    {
        var region = Start("things");
        Await(region.Ask<string>(new ShardingEnvelope("x", "hello")));
        for (var i = 0; i < 100; i++)
        {
            region.Tell(new ShardingEnvelope("x", "hello"), TestActor);
        }

        var ended = Sys.Terminate();
        ReceiveN(100).ShouldAllBe(answer => (string)answer == "hello x");
        AwaitCondition(() => ended.IsCompleted, "the system to end", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void A_type_that_was_not_started_is_named() => Should
        .Throw<ArgumentException>(() => ClusterSharding.Get(Sys).ShardRegion("nothing")).Message.ShouldContain("nothing");

    private IActorRef Start(string type) => ClusterSharding.Get(Sys).Start(
        type,
        id => Props.Create(() => new Echo(id)),
        ClusterShardingSettings.Create(Sys),
        HashCodeMessageExtractor.Create(8, _ => null));

    private sealed class Echo : ReceiveActor
    {
        public Echo(string id) => Receive<string>(text => Sender.Tell($"{text} {id}"));
    }
}
