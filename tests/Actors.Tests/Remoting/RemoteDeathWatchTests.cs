using GpuActors.Actors.Remoting;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>On virtual time and network: a minute of silence costs nothing, and every run is the same.</summary>
public sealed class RemoteDeathWatchTests : IDisposable
{
    static readonly RemoteSettings Settings = new() { Secret = Node.Secret };

    readonly VirtualRuntime _runtime = new(seed: 7);
    readonly Node _a;
    readonly Node _b;

    public RemoteDeathWatchTests()
    {
        _a = Node.StartOn(_runtime, "a", Settings);
        _b = Node.StartOn(_runtime, "b", Settings);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public void A_watcher_hears_once_when_a_remote_actor_stops()
    {
        var echo = _b.Echo();
        var remote = _a.Watch(_a.RefTo(_b, "/user/echo"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _b.Sys.Stop(echo);
        var terminated = _a.ExpectTerminated(remote);
        terminated.ExistenceConfirmed.ShouldBeTrue();
        terminated.AddressTerminated.ShouldBeFalse();
        _a.ExpectNoMsg(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Every_watcher_of_a_remote_actor_hears()
    {
        var echo = _b.Echo();
        var remote = _a.RefTo(_b, "/user/echo");
        var other = _a.CreateTestProbe();
        _a.Watch(remote);
        other.Watch(remote);
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _b.Sys.Stop(echo);
        _a.ExpectTerminated(remote);
        other.ExpectTerminated(remote);
    }

    [Fact]
    public void A_watcher_of_a_path_without_an_actor_hears_at_once()
    {
        var nobody = _a.Watch(_a.RefTo(_b, "/user/nobody"));
        var terminated = _a.ExpectTerminated(nobody, TimeSpan.FromSeconds(1));
        terminated.ExistenceConfirmed.ShouldBeFalse();
        terminated.AddressTerminated.ShouldBeFalse();
    }

    [Fact]
    public void A_watch_that_was_taken_back_is_not_heard_of()
    {
        var echo = _b.Echo();
        var remote = _a.Watch(_a.RefTo(_b, "/user/echo"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _a.Unwatch(remote);
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _b.Sys.Stop(echo);
        _a.ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_killed_node_takes_all_its_actors_with_it()
    {
        _b.Echo("one");
        _b.Echo("two");
        var one = _a.Watch(_a.RefTo(_b, "/user/one"));
        var two = _a.Watch(_a.RefTo(_b, "/user/two"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _b.Kill();
        var notices = _a.Probe.ReceiveN(2, TimeSpan.FromSeconds(30)).Cast<Terminated>().ToList();
        notices.ShouldAllBe(notice => notice.AddressTerminated);
        notices.Select(notice => notice.ActorRef).ShouldBe([one, two], ignoreOrder: true);
        _a.ExpectNoMsg(TimeSpan.FromMinutes(2));
        Gone(_a).RemoteAddress.ShouldBe(_b.Address);
    }

    [Fact]
    public void A_node_that_was_never_there_is_given_up_too()
    {
        var ghost = _a.Watch(_a.Sys.Provider.ResolveActorRef("akka://ghost@127.0.0.1:9/user/echo"));
        _a.ExpectTerminated(ghost, TimeSpan.FromSeconds(30)).AddressTerminated.ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_leaves_properly_is_given_up_at_once()
    {
        _b.Echo();
        var remote = _a.Watch(_a.RefTo(_b, "/user/echo"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _b.Leave();
        _a.ExpectTerminated(remote, TimeSpan.FromMilliseconds(100)).AddressTerminated.ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_restarts_is_another_incarnation_and_its_old_actors_are_gone()
    {
        _b.Echo();
        var old = _a.Watch(_a.RefTo(_b, "/user/echo"));
        var oldWithUid = _a.Run(
            () => _a.Sys.ActorSelection($"{_b.Address}/user/echo").ResolveOne(TimeSpan.FromSeconds(5)));
        _b.Kill();
        _a.EventProbe.FishForMessage<DisassociatedEvent>(_ => true); // What is sent before goes down with it.
        using var reborn = Node.StartOn(_runtime, "b", Settings with { Port = _b.Address.Port!.Value });
        reborn.Echo();
        _a.Probe.Send(_a.RefTo(reborn, "/user/echo"), new Numbered(1));

        // Notice of the old one's end comes before anything from the new one.
        _a.ExpectTerminated(old).AddressTerminated.ShouldBeTrue();
        _a.ExpectMsg(new Numbered(1));
        Gone(_a).Uid.ShouldNotBe(reborn.Remoting.Uid);
        _a.Probe.Send(oldWithUid, new Numbered(2));
        _a.ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_dropped_connection_is_not_a_death_and_what_died_meanwhile_is_made_up_for()
    {
        var stays = _b.Echo("stays");
        var dies = _b.Echo("dies");
        _a.Watch(_a.RefTo(_b, "/user/stays"));
        var remoteDies = _a.Watch(_a.RefTo(_b, "/user/dies"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        DropConnection(_a);
        _b.Sys.Stop(dies);
        var terminated = _a.ExpectTerminated(remoteDies);
        terminated.AddressTerminated.ShouldBeFalse();
        _a.ExpectNoMsg(TimeSpan.FromMinutes(1));
        _b.Sys.Stop(stays);
        _a.ExpectTerminated(_a.RefTo(_b, "/user/stays"));
    }

    [Fact]
    public void What_an_actor_says_before_it_stops_comes_before_the_news_of_its_stop()
    {
        _b.ActorOf(() => new LastWords(), "last-words");
        var remote = _a.Watch(_a.RefTo(_b, "/user/last-words"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _a.Probe.Send(remote, new Numbered(100));
        for (var number = 0; number < 100; number++)
        {
            _a.ExpectMsg(new Numbered(number));
        }

        _a.ExpectTerminated(remote);
    }

    [Fact]
    public void A_quarantined_node_is_refused_until_it_restarts_and_is_told()
    {
        _b.Echo();
        var remote = _a.Watch(_a.RefTo(_b, "/user/echo"));
        _a.ExpectNoMsg(TimeSpan.FromSeconds(1));
        _a.Remoting.Quarantine(_b.Address, _b.Remoting.Uid, "it misbehaves");
        _a.ExpectTerminated(remote).AddressTerminated.ShouldBeTrue();
        _b.Probe.Send(_b.RefTo(_a, "/system/testActor"), new Numbered(1));
        _b.EventProbe.FishForMessage<ThisActorSystemQuarantinedEvent>(_ => true);
        _a.ExpectNoMsg(TimeSpan.FromSeconds(30));

        _b.Kill();
        using var reborn = Node.StartOn(_runtime, "b", Settings with { Port = _b.Address.Port!.Value });
        reborn.Probe.Send(reborn.RefTo(_a, "/system/testActor"), new Numbered(2));
        _a.ExpectMsg(new Numbered(2));
    }

    static AddressTerminatedEvent Gone(Node node) => node.EventProbe.FishForMessage<AddressTerminatedEvent>(_ => true);

    static void DropConnection(Node node) =>
        node.Remoting.Node.Associations.All.Single().CurrentLink!.Connection.DisposeAsync().AsTask().Wait();

    sealed class LastWords : ReceiveActor
    {
        public LastWords() => Receive<Numbered>(count =>
        {
            for (var number = 0; number < count.Number; number++)
            {
                Sender.Tell(new Numbered(number), Self);
            }

            Context.Stop(Self);
        });
    }
}
