using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Associations;
using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Wire;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>Connections between two nodes on virtual time and network, under many seeds where order matters.</summary>
public class AssociationTests
{
    static readonly RemoteSettings Settings = new() { Secret = Node.Secret };

    public static TheoryData<long> Seeds => new(Enumerable.Range(1, 60).Select(seed => (long)seed));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nodes_that_call_each_other_at_once_end_with_one_connection_and_lose_nothing(long seed)
    {
        const int Count = 50;
        using var pair = new Pair(seed);
        for (var number = 0; number < Count; number++)
        {
            pair.A.Probe.Send(pair.ToB, new Numbered(number));
            pair.B.Probe.Send(pair.ToA, new Numbered(number));
        }

        var expected = Enumerable.Range(0, Count).Select(number => new Numbered(number));
        pair.A.Probe.ReceiveN(Count).ShouldBe(expected);
        pair.B.Probe.ReceiveN(Count).ShouldBe(expected);
        pair.A.Advance(TimeSpan.FromMinutes(1));
        Session(pair.A).ShouldBe(Session(pair.B));
        Events<AssociatedEvent>(pair.A).Count.ShouldBe(1);
        Events<AssociatedEvent>(pair.B).Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Messages_that_arrive_keep_their_order_however_often_the_connection_breaks(long seed)
    {
        const int Count = 2000;
        using var pair = new Pair(seed);
        var random = new SeededRandomSource(seed);
        for (var number = 0; number < Count; number++)
        {
            pair.A.Probe.Send(pair.ToB, new Numbered(number));
            pair.B.Probe.Send(pair.ToA, new Numbered(number));
            if (random.Next(10) == 0)
            {
                pair.A.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
            }

            if (random.Next(100) == 0)
            {
                Break(random.Next(2) == 0 ? pair.A : pair.B);
            }
        }

        pair.A.Advance(TimeSpan.FromMinutes(1));
        pair.A.Probe.Send(pair.ToB, new Numbered(Count));
        pair.B.Probe.Send(pair.ToA, new Numbered(Count));
        foreach (var node in (Node[])[pair.A, pair.B])
        {
            var received = new List<int>();
            do
            {
                received.Add(node.ExpectMsg<Numbered>().Number);
            }
            while (received[^1] < Count);

            received.ShouldBe(received.Order().Distinct());
            received.Count.ShouldBeGreaterThan(Count / 4);
        }
    }

    [Fact]
    public void An_idle_connection_stays_open()
    {
        using var pair = new Pair(1);
        pair.A.Probe.Send(pair.ToB, new Numbered(1));
        pair.B.ExpectMsg(new Numbered(1));
        pair.A.Advance(TimeSpan.FromHours(1));
        Events<DisassociatedEvent>(pair.A).ShouldBeEmpty();
        pair.A.Remoting.Associations.Single().IsConnected.ShouldBeTrue();
    }

    [Fact]
    public void What_does_not_fit_the_queue_is_a_dead_letter_and_the_rest_waits_for_the_peer()
    {
        var runtime = new VirtualRuntime(1);
        var patient = Settings with { SendQueueMessages = 100, UnreachableTimeout = TimeSpan.FromHours(1) };
        using var a = Node.StartOn(runtime, "a", patient);
        var late = a.Sys.Provider.ResolveActorRef("akka://b@127.0.0.1:5000/system/testActor");
        for (var number = 0; number < 150; number++)
        {
            late.Tell(new Numbered(number), a.TestActor);
        }

        a.DeadLetterProbe.ReceiveN(50).Cast<DeadLetter>().Select(letter => letter.Message)
            .ShouldBe(Enumerable.Range(100, 50).Select(number => new Numbered(number)));
        a.Remoting.Associations.Single().DroppedMessages.ShouldBe(50);
        a.EventProbe.FishForMessage<SendQueuePressureEvent>(pressure => pressure.IsHigh);

        using var b = Node.StartOn(runtime, "b", Settings with { Port = 5000 });
        b.Probe.ReceiveN(100).ShouldBe(Enumerable.Range(0, 100).Select(number => new Numbered(number)));
        a.EventProbe.FishForMessage<SendQueuePressureEvent>(pressure => !pressure.IsHigh);
        a.Remoting.Associations.Single().QueuedMessages.ShouldBe(0);
    }

    [Fact]
    public void Messages_for_a_peer_that_stays_away_become_dead_letters()
    {
        using var a = Node.StartOn(new VirtualRuntime(1), "a", Settings);
        var ghost = a.Sys.Provider.ResolveActorRef("akka://b@127.0.0.1:5000/user/nobody");
        ghost.Tell(new Numbered(1), a.TestActor);
        a.DeadLetterProbe.ExpectNoMsg(Settings.UnreachableTimeout / 2);
        a.DeadLetterProbe.ExpectMsg<DeadLetter>(Settings.UnreachableTimeout * 2).Recipient.ShouldBe(ghost);
        a.EventProbe.ExpectMsg<AddressTerminatedEvent>();

        // From now on the next failed attempt is enough, and nothing dials without need.
        ghost.Tell(new Numbered(2), a.TestActor);
        a.DeadLetterProbe.ExpectMsg<DeadLetter>(Settings.ReconnectDelayMax * 2).Message.ShouldBe(new Numbered(2));
        var steps = a.Simulation.Steps;
        a.Advance(TimeSpan.FromMinutes(10));
        (a.Simulation.Steps - steps).ShouldBeLessThan(650); // a heartbeat a second
    }

    [Fact]
    public void A_peer_that_was_given_up_may_come_back()
    {
        using var pair = new Pair(1);
        pair.A.Watch(pair.ToB);
        pair.A.ExpectNoMsg(TimeSpan.FromSeconds(1));
        pair.Network.IsCut = true;
        pair.A.ExpectTerminated(pair.ToB, TimeSpan.FromMinutes(1)).AddressTerminated.ShouldBeTrue();
        pair.Network.IsCut = false;
        pair.A.Probe.Send(pair.ToB, new Numbered(1));
        pair.B.ExpectMsg(new Numbered(1));
        pair.A.Watch(pair.ToB);
        pair.A.ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_peer_that_was_given_up_is_refused_when_the_settings_say_so()
    {
        using var pair = new Pair(1, Settings with { QuarantineUnreachable = true });
        pair.A.Probe.Send(pair.ToB, new Numbered(1));
        pair.B.ExpectMsg(new Numbered(1));
        pair.Network.IsCut = true;
        pair.A.EventProbe.FishForMessage<QuarantinedEvent>(_ => true, TimeSpan.FromMinutes(1)).Uid
            .ShouldBe(pair.B.Remoting.Uid);
        pair.Network.IsCut = false;
        pair.A.Probe.Send(pair.ToB, new Numbered(2));
        pair.B.ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_node_that_nobody_can_dial_is_a_full_peer_once_it_dials()
    {
        using var pair = new Pair(1, Settings with { UnreachableTimeout = TimeSpan.FromHours(1) });
        pair.Network.Unreachable = pair.B.Address;
        pair.A.Probe.Send(pair.ToB, new Numbered(1));
        pair.B.ExpectNoMsg(TimeSpan.FromMinutes(1));
        pair.B.Probe.Send(pair.ToA, new Numbered(2));
        pair.A.ExpectMsg(new Numbered(2));
        pair.B.ExpectMsg(new Numbered(1));
        pair.A.Probe.Reply(new Numbered(3));
        pair.B.ExpectMsg(new Numbered(3));
    }

    [Fact]
    public void A_connected_peer_that_falls_silent_is_dialled_anew()
    {
        var runtime = new VirtualRuntime(1);
        using var a = Node.StartOn(runtime, "a", Settings);
        var mute = new Handshake(
            new ClusterSecret(Node.Secret), "akka://mute@127.0.0.1:5000", 77, ProtectionMode.AesGcm, runtime.Random);
        a.Run(async () =>
        {
            var connection = await runtime.Network.ConnectAsync("127.0.0.1", a.Address.Port!.Value, default);
            (await mute.DialAsync(connection, a.Address.ToString(), 0, default)).Dispose();
        });
        a.EventProbe.ExpectMsg<AssociatedEvent>();
        a.EventProbe.ExpectNoMsg(Settings.AcceptablePause);
        a.EventProbe.ExpectMsg<DisassociatedEvent>(TimeSpan.FromSeconds(2)).Reason
            .ShouldContain("nothing was received");
        a.EventProbe.ExpectMsg<AddressTerminatedEvent>(Settings.UnreachableTimeout * 2).Uid.ShouldBe(77UL);
    }

    [Fact]
    public void What_was_sent_before_a_shutdown_arrives_before_the_good_bye()
    {
        const int Count = 5000;
        using var pair = new Pair(1);
        for (var number = 0; number < Count; number++)
        {
            pair.A.Probe.Send(pair.ToB, new Numbered(number));
        }

        pair.A.Shutdown();
        pair.B.Probe.ReceiveN(Count).ShouldBe(Enumerable.Range(0, Count).Select(number => new Numbered(number)));
        pair.B.EventProbe.FishForMessage<AddressTerminatedEvent>(gone => gone.Reason == "it has shut down");
    }

    [Fact]
    public void Idle_peers_make_room_for_new_ones_and_busy_ones_do_not()
    {
        using var hub = Node.StartOn(new VirtualRuntime(1), "hub", Settings with { MaxAssociations = 2 });
        var first = Node.StartOn(hub.Runtime, "first", Settings);
        using var second = Node.StartOn(hub.Runtime, "second", Settings);
        using var third = Node.StartOn(hub.Runtime, "third", Settings);
        Greets(first, hub);
        Greets(second, hub);
        var toHub = third.RefTo(hub, "/system/testActor");
        toHub.Tell(new Numbered(9), third.TestActor);
        hub.ExpectNoMsg(TimeSpan.FromSeconds(1));
        third.Logs.Entries.ShouldContain(entry => entry.Message.Contains("MaxAssociations"));
        first.Dispose();
        hub.ExpectMsg(new Numbered(9)); // It has waited all the time.
    }

    static void Greets(Node from, Node to)
    {
        from.Probe.Send(from.RefTo(to, "/system/testActor"), new Numbered(1));
        to.ExpectMsg(new Numbered(1));
    }

    static List<T> Events<T>(Node node)
    {
        var events = new List<T>();
        while (node.EventProbe.HasMessages)
        {
            if (node.EventProbe.ReceiveOne(TimeSpan.Zero) is T wanted)
            {
                events.Add(wanted);
            }
        }

        return events;
    }

    static ulong Session(Node node) => node.Remoting.Node.Associations.All.Single().CurrentLink!.Session.Id;

    static void Break(Node node)
    {
        foreach (var association in node.Remoting.Node.Associations.All)
        {
            _ = association.CurrentLink?.Connection.DisposeAsync().AsTask();
        }
    }

    /// <summary>Two nodes and the network between them.</summary>
    sealed class Pair : IDisposable
    {
        public Pair(long seed, RemoteSettings? settings = null)
        {
            var simulation = new VirtualRuntime(seed);
            Network = new CuttableNetwork(simulation.Network);
            A = Node.StartOn(simulation, "a", settings ?? Settings, Network);
            B = Node.StartOn(simulation, "b", settings ?? Settings, Network);
            ToB = A.RefTo(B, "/system/testActor");
            ToA = B.RefTo(A, "/system/testActor");
        }

        public CuttableNetwork Network { get; }

        public Node A { get; }

        public Node B { get; }

        /// <summary>B's test actor as A sees it.</summary>
        public IActorRef ToB { get; }

        public IActorRef ToA { get; }

        public void Dispose()
        {
            A.Dispose();
            B.Dispose();
        }
    }
}

/// <summary>A network that can be cut, or that hides one node from those who dial.</summary>
sealed class CuttableNetwork(INetwork inner) : INetwork
{
    readonly List<INetworkConnection> _connections = [];
    bool _isCut;

    public Address? Unreachable { get; set; }

    /// <summary>Whether nobody reaches anybody; open connections break when it becomes true.</summary>
    public bool IsCut
    {
        get => _isCut;
        set
        {
            _isCut = value;
            if (value)
            {
                _connections.ForEach(connection => _ = connection.DisposeAsync().AsTask());
                _connections.Clear();
            }
        }
    }

    public ValueTask<INetworkListener> ListenAsync(string host, int port, CancellationToken cancellationToken) =>
        inner.ListenAsync(host, port, cancellationToken);

    public async ValueTask<INetworkConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (_isCut || (Unreachable is { } hidden && hidden.Host == host && hidden.Port == port))
        {
            throw new IOException($"No way to {host}:{port}");
        }

        var connection = await inner.ConnectAsync(host, port, cancellationToken);
        _connections.Add(connection);
        return connection;
    }
}
