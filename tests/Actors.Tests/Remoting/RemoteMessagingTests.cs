using GpuActors.Actors.Remoting;

namespace GpuActors.Actors.Tests.Remoting;

public sealed class RemoteMessagingTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Node _a = Node.Start("a");
    readonly Node _b = Node.Start("b");

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public void An_actor_of_another_node_answers_an_Ask()
    {
        _b.Echo();
        var answer = _a.Await(_a.RefTo(_b, "/user/echo").Ask<Numbered>(new Numbered(7), Patience));
        answer.ShouldBe(new Numbered(7));
    }

    [Fact]
    public void A_reply_reaches_the_sender_with_the_replier_as_its_sender()
    {
        var echo = _b.Echo();
        _a.Probe.Send(_a.RefTo(_b, "/user/echo"), new Numbered(1));
        _a.ExpectMsg(new Numbered(1));
        _a.LastSender.Path.ToString().ShouldBe($"{_b.Address}/user/echo");
        _a.LastSender.Path.Uid.ShouldBe(echo.Path.Uid);
        _a.Probe.Reply(new Numbered(2));
        _a.ExpectMsg(new Numbered(2));
    }

    [Fact]
    public void Messages_of_one_sender_to_one_receiver_keep_their_order()
    {
        const int Count = 50_000;
        _b.Echo();
        var echo = _a.RefTo(_b, "/user/echo");
        for (var number = 0; number < Count; number++)
        {
            _a.Probe.Send(echo, new Numbered(number));
        }

        _a.Probe.ReceiveN(Count, TimeSpan.FromSeconds(30))
            .ShouldBe(Enumerable.Range(0, Count).Select(number => new Numbered(number)));
    }

    [Fact]
    public void A_ref_inside_a_message_works_where_it_arrives_and_at_home()
    {
        _b.Echo();
        var probeOfB = _b.CreateTestProbe();
        _a.Probe.Send(_a.RefTo(_b, "/user/echo"), new Introduce(_a.TestActor));
        _a.ExpectMsg<Introduce>().Actor.ShouldBeSameAs(_a.TestActor); // It has been to b and back.

        _a.RefTo(_b, "/system/testActor").Tell(new Introduce(_a.TestActor), ActorRefs.NoSender);
        var arrived = _b.ExpectMsg<Introduce>().Actor;
        probeOfB.Send(arrived, new Numbered(3));
        _a.ExpectMsg(new Numbered(3));
        _a.LastSender.Path.ToString().ShouldBe(
            $"{_b.Address}{probeOfB.Ref.Path.ToStringWithoutAddress()}");
    }

    [Fact]
    public void A_message_that_is_forwarded_keeps_its_first_sender_across_three_nodes()
    {
        using var c = Node.Start("c");
        c.Echo();
        var echo = _b.RefTo(c, "/user/echo");
        _b.ActorOf(() => new Forwarder(echo), "forwarder");
        _a.Probe.Send(_a.RefTo(_b, "/user/forwarder"), new Numbered(5));
        _a.ExpectMsg(new Numbered(5));
        _a.LastSender.Path.Address.ShouldBe(c.Address);
    }

    [Fact]
    public void ResolveOne_gives_the_incarnation_that_lives_at_a_remote_path()
    {
        var echo = _b.Echo();
        var found = _a.Await(_a.Sys.ActorSelection($"{_b.Address}/user/echo").ResolveOne(Patience));
        found.Path.Uid.ShouldBe(echo.Path.Uid);
        _a.Await(found.Ask<Numbered>(new Numbered(9), Patience)).ShouldBe(new Numbered(9));
    }

    [Fact]
    public async Task ResolveOne_of_a_path_without_an_actor_says_so_at_once()
    {
        var selection = _a.Sys.ActorSelection($"{_b.Address}/user/nobody");
        (await Should.ThrowAsync<ActorNotFoundException>(() => selection.ResolveOne(Patience)))
            .Message.ShouldContain("/user/nobody");
    }

    [Fact]
    public void A_ref_with_an_uid_does_not_reach_the_next_actor_of_that_name()
    {
        var first = _b.Echo();
        var old = _a.Await(_a.Sys.ActorSelection($"{_b.Address}/user/echo").ResolveOne(Patience));
        _b.Await(first.GracefulStop(Patience));
        _b.Echo();
        old.Tell(new Numbered(1), _a.TestActor);
        _a.Await(_a.RefTo(_b, "/user/echo").Ask<Numbered>(new Numbered(2), Patience)).ShouldBe(new Numbered(2));
        _a.ExpectNoMsg();
        _b.DeadLetterProbe.ExpectMsg<DeadLetter>().Message.ShouldBe(new Numbered(1));
    }

    [Fact]
    public void A_path_without_uid_reaches_the_next_actor_of_that_name()
    {
        var byPath = _a.RefTo(_b, "/user/echo");
        var first = _b.Echo();
        _a.Await(byPath.Ask<Numbered>(new Numbered(1), Patience)).ShouldBe(new Numbered(1));
        _b.Await(first.GracefulStop(Patience));
        _b.Echo();
        _a.Await(byPath.Ask<Numbered>(new Numbered(2), Patience)).ShouldBe(new Numbered(2));
    }

    [Fact]
    public async Task A_failure_arrives_as_a_failure_that_names_the_original_exception()
    {
        _b.ActorOf(() => new Refuser(), "refuser");
        var error = await Should.ThrowAsync<RemoteFailureException>(
            () => _a.RefTo(_b, "/user/refuser").Ask<Numbered>(new Numbered(1), Patience));
        error.TypeName.ShouldBe(typeof(InvalidOperationException).FullName);
        error.OriginalMessage.ShouldBe("not today");
    }

    [Fact]
    public void Any_registered_message_travels_inside_a_success()
    {
        _b.Echo();
        var echo = _a.RefTo(_b, "/user/echo");
        foreach (var value in (object?[])[null, new Numbered(3), new Chunk([1, 2, 3])])
        {
            var answer = _a.Await(echo.Ask<Status.Success>(new Status.Success(value), Patience));
            (answer.Value is Chunk chunk ? chunk.Bytes : answer.Value)
                .ShouldBeEquivalentTo(value is Chunk sent ? sent.Bytes : value);
        }
    }

    [Fact]
    public void PoisonPill_stops_a_remote_actor()
    {
        var echo = _b.Echo();
        _b.Watch(echo);
        _a.RefTo(_b, "/user/echo").Tell(PoisonPill.Instance, ActorRefs.NoSender);
        _b.ExpectTerminated(echo);
    }

    [Fact]
    public void Bytes_of_a_message_with_its_own_codec_arrive_unchanged_up_to_megabytes()
    {
        _b.Echo();
        var echo = _a.RefTo(_b, "/user/echo");
        foreach (var length in (int[])[0, 1, 1000, 64 * 1024, 3 * 1024 * 1024])
        {
            var bytes = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
            var answer = _a.Await(echo.Ask<Chunk>(new Chunk(bytes), Patience));
            answer.Bytes.AsSpan().SequenceEqual(bytes).ShouldBeTrue($"{length} bytes");
        }
    }

    [Fact]
    public void A_message_of_an_unregistered_type_is_logged_and_a_dead_letter_and_the_connection_lives()
    {
        _b.Echo();
        var echo = _a.RefTo(_b, "/user/echo");
        _a.EventFilter.Error(contains: nameof(Unregistered)).ExpectOne(
            () => echo.Tell(new Unregistered(1), _a.TestActor));
        _a.DeadLetterProbe.ExpectMsg<DeadLetter>().Message.ShouldBe(new Unregistered(1));
        _a.Await(echo.Ask<Numbered>(new Numbered(2), Patience)).ShouldBe(new Numbered(2));
    }

    [Fact]
    public void A_message_that_its_receiver_does_not_know_is_reported_to_its_sender_and_the_connection_lives()
    {
        _b.Echo();
        _a.Sys.Serialization.Register("only-sender-knows", RemoteMessageJson.Default.OnlySenderKnows);
        var echo = _a.RefTo(_b, "/user/echo");
        _a.EventFilter.Error(contains: "only-sender-knows").ExpectOne(
            () => echo.Tell(new OnlySenderKnows(1), _a.TestActor));
        _a.Await(echo.Ask<Numbered>(new Numbered(2), Patience)).ShouldBe(new Numbered(2));
        _a.Remoting.Associations.Single().IsConnected.ShouldBeTrue();
    }

    [Fact]
    public void A_message_that_is_too_long_is_a_dead_letter_and_the_connection_lives()
    {
        _b.Echo();
        var echo = _a.RefTo(_b, "/user/echo");
        _a.EventFilter.Error(contains: "MaxFrameBytes").ExpectOne(
            () => echo.Tell(new Chunk(new byte[5 * 1024 * 1024]), _a.TestActor));
        _a.DeadLetterProbe.ExpectMsg<DeadLetter>().Message.ShouldBeOfType<Chunk>();
        _a.Await(echo.Ask<Numbered>(new Numbered(2), Patience)).ShouldBe(new Numbered(2));
    }

    [Fact]
    public void One_connection_serves_both_directions_whoever_opened_it()
    {
        _a.Echo();
        _b.Echo();
        _a.Await(_a.RefTo(_b, "/user/echo").Ask<Numbered>(new Numbered(1), Patience));
        _b.Await(_b.RefTo(_a, "/user/echo").Ask<Numbered>(new Numbered(2), Patience));
        _a.EventProbe.ExpectMsg<AssociatedEvent>().RemoteAddress.ShouldBe(_b.Address);
        _b.EventProbe.ExpectMsg<AssociatedEvent>().RemoteAddress.ShouldBe(_a.Address);
        _a.EventProbe.ExpectNoMsg();
        _b.EventProbe.ExpectNoMsg();
    }

    sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef target) => ReceiveAny(message => target.Forward(message));
    }

    sealed class Refuser : ReceiveActor
    {
        public Refuser() => ReceiveAny(_ => Sender.Tell(
            new Status.Failure(new InvalidOperationException("not today")), Self));
    }
}
