using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class EventStreamTests : TestKit.TestKit
{
    [Fact]
    public void A_subscriber_gets_events_of_its_type_and_of_derived_ones()
    {
        Sys.EventStream.Subscribe<InvalidOperationException>(TestActor);

        Sys.EventStream.Publish(new ObjectDisposedException("derived"));
        Sys.EventStream.Publish("another type");
        Sys.EventStream.Publish(new InvalidOperationException("itself"));

        ExpectMsg<ObjectDisposedException>();
        ExpectMsg<InvalidOperationException>(e => e.Message == "itself");
        ExpectNoMsg();
    }

    [Fact]
    public void Who_subscribed_twice_gets_an_event_once()
    {
        Sys.EventStream.Subscribe<string>(TestActor).ShouldBeTrue();
        Sys.EventStream.Subscribe<string>(TestActor).ShouldBeFalse();
        Sys.EventStream.Subscribe<object>(TestActor).ShouldBeTrue();

        Sys.EventStream.Publish("event");

        ExpectMsg("event");
        ExpectNoMsg();
    }

    [Fact]
    public void After_Unsubscribe_nothing_comes()
    {
        Sys.EventStream.Subscribe<string>(TestActor);
        Sys.EventStream.Publish("one");
        Sys.EventStream.Unsubscribe<string>(TestActor).ShouldBeTrue();
        Sys.EventStream.Publish("two");

        ExpectMsg("one");
        ExpectNoMsg();
        Sys.EventStream.Unsubscribe(TestActor).ShouldBeFalse();
    }

    [Fact]
    public void A_stopped_subscriber_causes_no_dead_letters()
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe<string>(probe.Ref);
        Watch(probe.Ref);
        Sys.Stop(probe.Ref);
        ExpectTerminated(probe.Ref);

        EventFilter.DeadLetter<string>().Expect(0, () => Sys.EventStream.Publish("event"));
    }

    [Fact]
    public void Only_the_first_dead_letters_are_logged_but_all_are_published()
    {
        using var kit = new TestKit.TestKit(1, new ActorSystemSettings { LogDeadLetters = 2 });

        kit.EventFilter.DeadLetter<int>().Expect(5, () =>
        {
            for (var i = 0; i < 5; i++)
            {
                kit.Sys.DeadLetters.Tell(i);
            }
        });

        kit.Logs.Entries.Count(e => e.Message.StartsWith("Dead letter", StringComparison.Ordinal)).ShouldBe(2);
    }
}
