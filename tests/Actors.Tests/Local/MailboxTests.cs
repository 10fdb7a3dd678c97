using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class MailboxTests
{
    [Fact]
    public void Messages_of_one_sender_arrive_in_order_also_from_many_threads()
    {
        const int Senders = 8;
        const int Each = 20_000;
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        var receiver = kit.ActorOf(Props.Create(() => new OrderChecker(Senders, Each, kit.TestActor)));

        for (var i = 0; i < Senders; i++)
        {
            var number = i;
            kit.ActorOf(Act.Of(a => a.On<string>(_ =>
            {
                for (var n = 0; n < Each; n++)
                {
                    receiver.Tell(new Numbered(number, n));
                }
            }))).Tell("go");
        }

        kit.ExpectMsg("all in order", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void An_actor_that_is_told_while_it_goes_idle_wakes_up_again()
    {
        // One message in flight, over and over: the sender races with the receiver's turn that ends.
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        var echo = kit.ActorOf(Act.Of(a => a.OnAny(m => a.From.Tell(m))));

        for (var i = 0; i < 20_000; i++)
        {
            echo.Tell(i, kit.TestActor);
            kit.ExpectMsg(i, TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public void An_actor_that_waits_behind_a_blocked_turn_runs_on_another_thread()
    {
        // The turn that tells the other actor blocks until that one has run: it must not be kept for its thread.
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        using var ran = new ManualResetEventSlim();
        var other = kit.ActorOf(Act.Of(a => a.OnAny(_ => ran.Set())));
        kit.ActorOf(Act.Of(a => a.On<string>(_ =>
        {
            other.Tell("run");
            kit.TestActor.Tell(ran.Wait(TimeSpan.FromSeconds(30)));
        }))).Tell("go");

        kit.ExpectMsg(true, TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void A_bounded_mailbox_sends_what_does_not_fit_to_dead_letters()
    {
        using var kit = new TestKit.TestKit();
        var received = new List<int>();
        var actor = kit.ActorOf(Act.Of(a => a.On<int>(received.Add)).WithMailbox(3));

        kit.EventFilter.DeadLetter<int>(n => n >= 4).Expect(2, () =>
        {
            for (var n = 1; n <= 5; n++)
            {
                actor.Tell(n); // nothing runs until the test waits
            }
        });

        received.ShouldBe([1, 2, 3]);
        actor.Tell(6);
        kit.AwaitCondition(() => received.Count == 4, "the sixth message, for which there is room again");
    }

    [Fact]
    public void A_full_mailbox_still_takes_what_the_runtime_itself_sends()
    {
        using var kit = new TestKit.TestKit();
        var actor = kit.ActorOf(Act.Of(a => a.On<int>(_ => { })).WithMailbox(1));
        kit.Watch(actor);
        actor.Tell(1);
        actor.Tell(2);

        kit.Sys.Stop(actor);

        kit.ExpectTerminated(actor);
    }

    [Fact]
    public void Whatever_is_told_to_a_stopped_actor_becomes_a_dead_letter()
    {
        using var kit = new TestKit.TestKit();
        var actor = kit.ActorOf(Act.Of(_ => { }));
        kit.Watch(actor);
        kit.Sys.Stop(actor);
        kit.ExpectTerminated(actor);

        kit.EventFilter.DeadLetter<string>(text => text == "too late").ExpectOne(() => actor.Tell("too late"));
    }

    [Fact]
    public void Messages_behind_a_poison_pill_become_dead_letters()
    {
        using var kit = new TestKit.TestKit();
        var actor = kit.ActorOf(Act.Of(a => a.On<string>(kit.TestActor.Tell)));

        kit.EventFilter.DeadLetter<string>(text => text == "after").ExpectOne(() =>
        {
            actor.Tell("before");
            actor.Tell(PoisonPill.Instance);
            actor.Tell("after");
        });

        kit.ExpectMsg("before");
    }

    [Fact]
    public void Under_any_interleaving_each_message_arrives_once_and_in_order()
    {
        Prop.ForAll<int, PositiveInt, PositiveInt>((seed, senders, each) =>
        {
            using var kit = new TestKit.TestKit(seed);
            var (senderCount, eachCount) = ((senders.Get % 5) + 1, (each.Get % 20) + 1);
            var receiver = kit.ActorOf(Props.Create(() => new OrderChecker(senderCount, eachCount, kit.TestActor)));
            for (var i = 0; i < senderCount; i++)
            {
                var number = i;
                kit.ActorOf(Act.Of(a => a.On<int>(n =>
                {
                    receiver.Tell(new Numbered(number, n));
                    if (n + 1 < eachCount)
                    {
                        a.Here.Self.Tell(n + 1);
                    }
                }))).Tell(0);
            }

            kit.ExpectMsg("all in order");
        }).QuickCheckThrowOnFailure();
    }

    private sealed record Numbered(int Sender, int Number);

    private sealed class OrderChecker : ReceiveActor
    {
        public OrderChecker(int senders, int each, IActorRef report)
        {
            var expected = new int[senders];
            Receive<Numbered>(m =>
            {
                if (m.Number != expected[m.Sender]++)
                {
                    report.Tell($"{m} out of order");
                }

                if (Array.TrueForAll(expected, n => n == each))
                {
                    report.Tell("all in order");
                }
            });
        }
    }
}
