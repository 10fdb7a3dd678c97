using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class RecoveryTests : PersistentActorTestBase
{
    [Fact]
    public async Task State_survives_a_restart_of_the_system()
    {
        Add(StartLedger(), "a", "b", "c");

        await RestartAsync();
        var ledger = StartLedger();

        var recovered = Kit.ExpectMsg<Ledger.Recovered>();
        recovered.Texts.ShouldBe(["a", "b", "c"]);
        recovered.LastSequenceNr.ShouldBe(3);
        Add(ledger, "d");
        Texts(ledger).ShouldBe("a,b,c,d");
    }

    [Fact]
    public async Task Recovery_begins_with_the_newest_snapshot_and_replays_only_what_follows()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Add(ledger, "a", "b");
        ledger.Tell(new Ledger.TakeSnapshot(), ActorRefs.NoSender);
        Kit.ExpectMsg<SaveSnapshotSuccess>().Metadata.SequenceNr.ShouldBe(2);
        Add(ledger, "c");
        ledger.Tell(new Ledger.DeleteTo(2), ActorRefs.NoSender); // so that nothing but the snapshot knows a and b
        Kit.ExpectMsg<DeleteMessagesSuccess>().ToSequenceNr.ShouldBe(2);

        await RestartAsync();
        StartLedger();

        Kit.ExpectMsg<long>().ShouldBe(2); // the snapshot's number
        Kit.ExpectMsg<Ledger.Recovered>().Texts.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task An_actor_whose_events_are_all_deleted_goes_on_with_the_next_number()
    {
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        Add(ledger, "a", "b");
        ledger.Tell(new Ledger.DeleteTo(2), ActorRefs.NoSender);
        Kit.ExpectMsg<DeleteMessagesSuccess>();

        await RestartAsync();
        ledger = StartLedger();

        Kit.ExpectMsg<Ledger.Recovered>().LastSequenceNr.ShouldBe(2);
        Add(ledger, "c");
        (await Store.ReadHighestSequenceNrAsync("ledger")).ShouldBe(3);
    }

    [Fact]
    public async Task Answers_that_an_actor_does_not_handle_are_not_reported_as_unhandled()
    {
        Kit.Sys.EventStream.Subscribe<UnhandledMessage>(Kit.TestActor);
        var ledger = StartLedger();
        Kit.ExpectMsg<Ledger.Recovered>();
        ledger.Tell(new Ledger.TakeSnapshot(), ActorRefs.NoSender);
        Kit.ExpectMsg<SaveSnapshotSuccess>();

        ledger.Tell(new Ledger.DropSnapshots(), ActorRefs.NoSender);

        Kit.AwaitCondition(
            () => Store.ReadLatestSnapshotAsync("ledger", SnapshotSelectionCriteria.Latest).Result is null,
            "the snapshot is deleted");
        Texts(ledger).ShouldBe("");
        await ledger.GracefulStop(TimeSpan.FromSeconds(10));
        Kit.Probe.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void Messages_that_arrive_during_recovery_are_processed_after_it_in_their_order()
    {
        Store.Hold();
        var ledger = StartLedger();
        ledger.Tell(new Ledger.Add("a"), Kit.TestActor);
        ledger.Tell(new Ledger.Get(), Kit.TestActor);
        Kit.AwaitCondition(() => Store.RecoveriesCalled == 1, "the recovery has begun");

        Store.Release();

        Kit.ExpectMsg<Ledger.Recovered>().Texts.ShouldBeEmpty();
        Kit.ExpectMsg<Added>();
        Kit.ExpectMsg<string>().ShouldBe("a");
    }

    [Fact]
    public async Task No_more_actors_recover_at_once_than_set_and_all_recover_in_the_end()
    {
        Settings = new PersistenceSettings { MaxConcurrentRecoveries = 3 };
        await RestartAsync();
        Store.Hold();
        for (var i = 0; i < 50; i++)
            StartLedger($"ledger-{i}");
        Kit.AwaitCondition(() => Store.RecoveriesCalled == 3, "three recoveries have begun");

        Store.Release();

        Kit.ReceiveN(50).ShouldAllBe(message => message is Ledger.Recovered);
        Store.MostRecoveriesAtOnce.ShouldBe(3);
    }

    [Fact]
    public async Task Stopping_does_not_wait_until_every_waiting_actor_has_recovered()
    {
        Settings = new PersistenceSettings { MaxConcurrentRecoveries = 1 };
        await RestartAsync();
        Store.Hold();
        var ledgers = Enumerable.Range(0, 50).Select(i => StartLedger($"ledger-{i}")).Cast<ActorCell>().ToList();
        Kit.AwaitCondition(() => Store.RecoveriesCalled == 1, "one recovery has begun");
        var terminated = Kit.Sys.Terminate();
        Kit.AwaitCondition(() => ledgers.TrueForAll(ledger => ledger.IsToldToStop), "every actor is told to stop");

        Store.Release();

        await terminated.WaitAsync(TimeSpan.FromSeconds(10));
        Store.RecoveriesCalled.ShouldBe(1);
    }

    [Theory]
    [InlineData("unknown/1", "{}", "No type is registered")]
    [InlineData("added/1", "{\"Text\":", "Malformed")]
    [InlineData("added/1", "[]", "Malformed")]
    public async Task A_poison_event_stops_its_actor_with_a_message_that_names_it_and_no_other_actor(
        string manifest, string json, string reason)
    {
        Add(StartLedger("good"), "a");
        Add(StartLedger("bad"), "a");
        Kit.ReceiveN(2);
        await AppendRaw("bad", 2, manifest, json);

        await RestartAsync();
        var bad = StartLedger("bad");
        Kit.Watch(bad);

        var failure = Kit.ExpectMsg<Ledger.RecoveryFailed>().Reason.ShouldBeOfType<RecoveryException>();
        failure.Message.ShouldContain("'bad'");
        failure.Message.ShouldContain("sequence number 2");
        failure.Message.ShouldContain($"manifest '{manifest}'");
        failure.Message.ShouldContain(reason);
        Kit.ExpectTerminated(bad);
        Texts(StartLedger("good")).ShouldBe("a");
        var quarantined = Kit.Sys.GetExtension<PersistenceExtension>().Quarantine.Actors.ShouldHaveSingleItem();
        (quarantined.PersistenceId, quarantined.Problem).ShouldBe(("bad", failure.Message));
    }

    [Fact]
    public async Task Events_of_an_older_version_are_brought_to_the_newest_before_they_are_read()
    {
        Settings = new PersistenceSettings { Upcasters = [new FromVersion0()] };
        await RestartAsync();
        var token = await Kit.Sys.GetExtension<PersistenceExtension>().Ownership;
        await Store.AppendAsync(Write.Events(token, "ledger", 1, new NewEvent("added/0", Write.Json("\"old\""))));
        var ledger = StartLedger();

        Add(ledger, "new");

        Texts(ledger).ShouldBe("old,new");
    }

    [Fact]
    public void An_actor_may_persist_from_RecoveryCompleted_on_but_not_before()
    {
        var eager = Kit.ActorOf(Props.Create(() => new Eager("eager", Kit.TestActor)));

        Kit.ExpectMsg<string>().ShouldBe("welcome");
        Kit.Await(eager.GracefulStop(TimeSpan.FromSeconds(10)));
        Kit.ActorOf(Props.Create(() => new Eager("eager", Kit.TestActor)));
        Kit.ExpectMsg<RecoveryException>().InnerException.ShouldBeOfType<InvalidOperationException>()
            .Message.ShouldContain("while it recovers");
    }

    [Fact]
    public void A_persistent_actor_without_a_store_fails_with_a_message_that_says_what_is_missing()
    {
        using var kit = new TestKit.TestKit(new Runtime.ProductionRuntime());
        kit.EventFilter.Error(nameof(PersistenceExtension))
            .ExpectOne(() => kit.ActorOf(Props.Create(() => new Ledger("x", null))));
    }

    [Fact]
    public void A_system_cannot_change_to_another_store()
    {
        Should.Throw<InvalidOperationException>(() => Kit.Sys.UsePersistence(new InterceptingStore(Store)))
            .Message.ShouldContain("another event store");
    }

    private async Task AppendRaw(string persistenceId, long sequenceNr, string manifest, string json)
    {
        var token = await Kit.Sys.GetExtension<PersistenceExtension>().Ownership;
        await Store.AppendAsync(Write.Events(token, persistenceId, sequenceNr, new NewEvent(manifest, Write.Json(json))));
    }

    private sealed class FromVersion0 : IEventUpcaster
    {
        public StoredMessage Upcast(StoredMessage stored) => stored.Manifest == "added/0"
            ? new StoredMessage("added/1", Write.Json($$"""{"Text":{{Write.Text(stored.Json)}}}"""))
            : stored;
    }

    /// <summary>Persists an event when it has recovered for the first time, and the second time too early.</summary>
    private sealed class Eager : ReceivePersistentActor
    {
        private readonly IActorRef _observer;

        public Eager(string id, IActorRef observer)
        {
            PersistenceId = id;
            _observer = observer;
            Recover<Added>(_ => Persist(new Added("too early"), _ => { }));
            Recover<RecoveryCompleted>(_ => Persist(new Added("welcome"), added => observer.Tell(added.Text)));
        }

        public override string PersistenceId { get; }

        protected override void OnRecoveryFailure(Exception reason, object? message = null) => _observer.Tell(reason);
    }
}
