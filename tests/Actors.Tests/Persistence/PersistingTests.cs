using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class PersistingTests : PersistentActorTestBase
{
    [Fact]
    public void Commands_wait_until_the_handlers_of_Persist_have_run()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Store.Hold();
        ledger.Tell(new Ledger.Add("a"), Kit.TestActor);
        ledger.Tell(new Ledger.Get(), Kit.TestActor);
        Kit.AwaitCondition(() => Store.AppendsCalled == 1, "the event is at the store");

        Store.Release();

        Kit.ExpectMsg<Added>().Text.ShouldBe("a");
        Kit.ExpectMsg<string>().ShouldBe("a");
    }

    [Fact]
    public void Commands_are_processed_before_the_handlers_of_PersistAsync()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Store.Hold();
        ledger.Tell(new Ledger.AddAsync("a"), Kit.TestActor);
        ledger.Tell(new Ledger.AddAsync("b"), Kit.TestActor);
        ledger.Tell(new Ledger.Get(), Kit.TestActor);
        Kit.ExpectMsg<string>().ShouldBe("");

        Store.Release();

        Kit.ExpectMsg<Added>().Text.ShouldBe("a");
        Kit.ExpectMsg<Added>().Text.ShouldBe("b");
        Texts(ledger).ShouldBe("a,b");
    }

    [Fact]
    public void Handlers_run_in_the_order_of_the_calls_and_see_the_sender_of_their_own_command()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        var other = Kit.CreateTestProbe();
        Store.Hold();
        ledger.Tell(new Ledger.AddAsync("a"), other.Ref);
        ledger.Tell(new Ledger.Defer("deferred"), other.Ref);
        ledger.Tell(new Ledger.Add("b"), Kit.TestActor);
        Kit.AwaitCondition(() => Store.AppendsCalled == 2, "both events are at the store");

        Store.Release();

        other.ExpectMsg<Added>().Text.ShouldBe("a");
        other.ExpectMsg<string>().ShouldBe("deferred after a");
        Kit.ExpectMsg<Added>().Text.ShouldBe("b");
    }

    [Fact]
    public void A_deferred_handler_runs_at_once_when_nothing_is_under_way()
    {
        Kit.Await(StartLedger().Ask<string>(new Ledger.Defer("x"))).ShouldBe("x after ");
    }

    [Fact]
    public async Task PersistAll_writes_together_and_runs_the_handler_for_each_and_then_the_last_one()
    {
        var ledger = StartLedger();
        Kit.Await(ledger.Ask<string>(new Ledger.AddAll(["a", "b", "c"]))).ShouldBe("a,b,c");
        Kit.Await(ledger.Ask<string>(new Ledger.AddAll([]))).ShouldBe("a,b,c");

        Store.AppendsCalled.ShouldBe(1);
        (await Store.ReadEventsByTagAsync("added", 0, 10)).Select(e => e.SequenceNr).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task What_an_async_command_and_a_handler_persist_is_applied_before_the_next_command()
    {
        var ledger = StartLedger();
        ledger.Tell(new Ledger.AddAfterAwait("a"), ActorRefs.NoSender);
        ledger.Tell(new Ledger.AddNested("b"), ActorRefs.NoSender);

        Texts(ledger).ShouldBe("a1,a2,b,b'");
        (await Store.ReadHighestSequenceNrAsync("ledger")).ShouldBe(4);
    }

    [Fact]
    public async Task Index_row_and_blobs_are_written_with_the_event()
    {
        var blob = new Blob("t", Write.Json("input"));
        var entry = Write.Entity("s1", 5);

        Kit.Await(StartLedger().Ask<Added>(new Ledger.AddWith("a", entry, blob)));

        (await Store.FindEntityAsync("session", "s1")).ShouldNotBeNull().Status.ShouldBe("Queued");
        (await Store.ReadBlobAsync("t", blob.Hash)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_command_that_throws_stores_nothing_and_the_actor_recovers()
    {
        var ledger = StartLedger();
        Add(ledger, "a");

        ledger.Tell(new Ledger.AddThenFail("b"), ActorRefs.NoSender);

        Texts(ledger).ShouldBe("a");
        (await Store.ReadHighestSequenceNrAsync("ledger")).ShouldBe(1);
        Add(ledger, "c");
        Texts(ledger).ShouldBe("a,c");
    }

    [Fact]
    public async Task An_actor_resumed_after_a_command_that_threw_does_not_store_what_that_command_wanted()
    {
        var parent = Kit.ActorOf(Props.Create(() => new Resuming(() => new Ledger("ledger", Kit.TestActor))));
        var ledger = Kit.Await(parent.Ask<IActorRef>("child"));
        Kit.ExpectMsg<Ledger.Recovered>();

        ledger.Tell(new Ledger.AddThenFail("a"), ActorRefs.NoSender);
        Add(ledger, "b");

        Texts(ledger).ShouldBe("b");
        (await Store.ReadHighestSequenceNrAsync("ledger")).ShouldBe(1);
    }

    [Fact]
    public void A_restarted_actor_sees_what_its_predecessor_left_under_way()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Store.Hold();
        ledger.Tell(new Ledger.AddThenFailInHandler("a"), ActorRefs.NoSender);
        ledger.Tell(new Ledger.AddAsync("b"), ActorRefs.NoSender);
        ledger.Tell(new Ledger.AddAsync("c"), ActorRefs.NoSender);
        Kit.AwaitCondition(() => Store.AppendsCalled == 3, "three events are at the store");

        Store.Release(); // the first handler fails while the other writes may still be on their way

        Kit.ExpectMsg<Ledger.Recovered>().Texts.ShouldBe(["a", "b", "c"]);
        Add(ledger, "d");
        Texts(ledger).ShouldBe("a,b,c,d");
    }

    [Fact]
    public void A_PoisonPill_takes_effect_after_what_was_persisted_before_it()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Kit.Watch(ledger);
        ledger.Tell(new Ledger.Add("a"), Kit.TestActor);
        ledger.Tell(PoisonPill.Instance, Kit.TestActor);

        Kit.ExpectMsg<Added>();
        Kit.ExpectTerminated(ledger);
    }

    [Fact]
    public void An_actor_stops_when_a_write_fails_and_a_new_one_has_the_state_before_it()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Add(ledger, "a");
        Kit.Watch(ledger);
        var cause = new EventStoreUnavailableException("disk full", new IOException());
        Store.FailAppend = _ => cause;
        ledger.Tell(new Ledger.Add("b"), Kit.TestActor);
        ledger.Tell(new Ledger.Get(), Kit.TestActor);

        var failed = Kit.ExpectMsg<Ledger.PersistFailed>();
        failed.Cause.ShouldBe(cause);
        failed.Event.ShouldBe(new Added("b"));
        failed.SequenceNr.ShouldBe(2);
        Kit.ExpectTerminated(ledger); // and no answer to Get before it
        Store.FailAppend = _ => null;
        Texts(StartLedger()).ShouldBe("a");
    }

    [Fact]
    public void No_later_event_is_stored_after_one_that_failed()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Kit.Watch(ledger);
        Store.Hold();
        Store.FailAppend = write => write.FirstSequenceNr == 2 ? new EventStoreUnavailableException("x", new IOException()) : null;
        foreach (var text in new[] { "a", "b", "c" })
            ledger.Tell(new Ledger.AddAsync(text), ActorRefs.NoSender);
        Kit.AwaitCondition(() => Store.AppendsCalled == 3, "three events are at the store");

        Store.Release();

        Kit.ExpectMsg<Ledger.PersistFailed>().SequenceNr.ShouldBe(2);
        Kit.ExpectTerminated(ledger);
        StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>().Texts.ShouldBe(["a"]);
    }

    [Fact]
    public void An_event_that_cannot_be_serialized_is_rejected_and_the_actor_goes_on()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();

        ledger.Tell(new Ledger.AddUnwritable(), Kit.TestActor);

        Kit.ExpectMsg<Ledger.PersistRejected>().Cause.Message.ShouldContain("not registered");
        Add(ledger, "a");
        Texts(ledger).ShouldBe("a");
    }

    [Fact]
    public void An_overloaded_store_rejects_and_a_later_event_takes_the_number()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Store.RefuseAppend = _ => new EventStoreOverloadedException("full");
        ledger.Tell(new Ledger.Add("a"), Kit.TestActor);
        Kit.ExpectMsg<Ledger.PersistRejected>().Cause.ShouldBeOfType<EventStoreOverloadedException>();

        Store.RefuseAppend = _ => null;
        Add(ledger, "b");

        Texts(ledger).ShouldBe("b");
    }

    [Fact]
    public async Task A_fenced_actor_stops_and_the_event_stream_says_so()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Kit.Watch(ledger);
        Kit.Sys.EventStream.Subscribe<OwnershipLost>(Kit.TestActor);
        await using var otherNode = OpenStore();
        var newer = await otherNode.AcquireOwnershipAsync("node", "other node");

        ledger.Tell(new Ledger.Add("a"), Kit.TestActor);

        var lost = Kit.ExpectMsg<OwnershipLost>();
        lost.PersistenceId.ShouldBe("ledger");
        lost.CurrentOwner.ShouldBe("other node");
        lost.CurrentEpoch.ShouldBe(newer.Epoch);
        Kit.ExpectMsg<Ledger.PersistFailed>().Cause.ShouldBeOfType<FencedException>();
        Kit.ExpectTerminated(ledger);
        (await otherNode.ReadHighestSequenceNrAsync("ledger")).ShouldBe(0);
    }

    [Fact]
    public void Of_two_actors_with_one_id_only_one_can_write()
    {
        var first = StartLedger();
        var second = StartLedger();
        Kit.ReceiveN(2).ShouldAllBe(message => message is Ledger.Recovered);
        Kit.Watch(second);
        Add(first, "a");

        second.Tell(new Ledger.Add("b"), Kit.TestActor);

        Kit.ExpectMsg<Ledger.PersistFailed>().Cause.ShouldBeOfType<SequenceConflictException>();
        Kit.ExpectTerminated(second);
        Add(first, "c");
        Texts(first).ShouldBe("a,c");
    }

    private sealed class Resuming : ReceiveActor
    {
        public Resuming(Func<Ledger> makeLedger)
        {
            var ledger = Context.ActorOf(Props.Create(makeLedger));
            ReceiveAny(_ => Sender.Tell(ledger));
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);
    }
}
