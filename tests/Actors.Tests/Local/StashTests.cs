using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class StashTests : TestKit.TestKit
{
    [Fact]
    public void Unstashed_messages_come_before_the_others_in_their_old_order()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<string>(m => a.Become(() => a.On<int>(n => TestActor.Tell(n))), m => m == "open");
            a.On<int>(_ => a.Stash.Stash());
            a.On<bool>(_ =>
            {
                a.Stash.UnstashAll();
                a.Become(() => a.On<int>(n => TestActor.Tell(n)));
            });
        }));

        actor.Tell(1);
        actor.Tell(2);
        actor.Tell(true);
        actor.Tell(3);

        ReceiveN(3).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_stashed_message_keeps_its_sender()
    {
        var other = CreateTestProbe();
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<int>(_ => a.Stash.Stash());
            a.On<bool>(_ =>
            {
                a.Become(() => a.On<int>(n => a.From.Tell(n)));
                a.Stash.Unstash();
            });
        }));

        actor.Tell(1, other.Ref);
        actor.Tell(true, TestActor);

        other.ExpectMsg(1);
    }

    [Fact]
    public void A_full_stash_fails_the_actor_and_the_message_becomes_a_dead_letter()
    {
        var actor = ActorOf(Act.Of(a => a.On<int>(_ => a.Stash.Stash())).WithStashCapacity(2));

        EventFilter.DeadLetter<int>(n => n == 3).ExpectOne(() =>
            EventFilter.Exception<StashOverflowException>().ExpectOne(() =>
            {
                actor.Tell(1);
                actor.Tell(2);
                actor.Tell(3);
            }));
    }

    [Fact]
    public void Stashing_the_same_message_twice_is_an_error()
    {
        ActorOf(Act.Of(a => a.On<int>(_ =>
        {
            a.Stash.Stash();
            Should.Throw<InvalidOperationException>(a.Stash.Stash);
            TestActor.Tell(a.Stash.Count);
        }))).Tell(7);

        ExpectMsg(1);
    }

    [Fact]
    public void A_restart_puts_stashed_messages_back_into_the_mailbox()
    {
        var restarted = false;
        var actor = ActorOf(Act.Of(a =>
        {
            a.WhenRestarted = _ => restarted = true;
            a.On<int>(n =>
            {
                if (restarted)
                {
                    TestActor.Tell(n);
                }
                else
                {
                    a.Stash.Stash();
                }
            });
            a.On<Exception>(e => throw e);
        }));

        actor.Tell(1);
        actor.Tell(2);
        actor.Tell(new TimeoutException());
        actor.Tell(3);

        ReceiveN(3).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Stashed_messages_of_a_stopped_actor_become_dead_letters()
    {
        var actor = ActorOf(Act.Of(a => a.On<int>(_ => a.Stash.Stash())));

        EventFilter.DeadLetter<int>().Expect(2, () =>
        {
            actor.Tell(1);
            actor.Tell(2);
            actor.Tell(PoisonPill.Instance);
        });
    }

    [Fact]
    public void UnstashAll_with_a_filter_leaves_the_rest()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<int>(_ => a.Stash.Stash());
            a.On<bool>(_ =>
            {
                a.Become(() => a.On<int>(n => TestActor.Tell(n)));
                a.Stash.UnstashAll(m => m is int n && n % 2 == 0);
                TestActor.Tell($"{a.Stash.Count} left");
            });
        }));
        for (var n = 1; n <= 5; n++)
        {
            actor.Tell(n);
        }

        actor.Tell(true);

        ReceiveN(3).ShouldBe(["3 left", 2, 4]);
    }

    [Fact]
    public void Any_mix_of_stashing_and_unstashing_gives_what_a_plain_list_gives()
    {
        // Commands: 0 stash the next number, 1 process it, 2 unstash one, 3 unstash all.
        Prop.ForAll(Gen.Choose(0, 3).ArrayOf().ToArbitrary(), commands =>
        {
            using var kit = new TestKit.TestKit();
            var seen = new List<int>();
            var actor = kit.ActorOf(Act.Of(a => a.On<Command>(c => Execute(a, c, seen))));
            for (var i = 0; i < commands.Length; i++)
            {
                actor.Tell(new Command(commands[i], i));
            }

            kit.Simulation.RunUntilIdle();
            seen.ShouldBe(Expected(commands));
        }).QuickCheckThrowOnFailure();
    }

    private static void Execute(Act actor, Command command, List<int> seen)
    {
        switch (command.Code)
        {
            case 0 when !command.WasStashed:
                command.WasStashed = true;
                actor.Stash.Stash();
                return;
            case 2:
                actor.Stash.Unstash();
                break;
            case 3:
                actor.Stash.UnstashAll();
                break;
        }

        seen.Add(command.Number);
    }

    private static List<int> Expected(int[] commands)
    {
        var seen = new List<int>();
        var stashed = new List<int>();
        for (var i = 0; i < commands.Length; i++)
        {
            if (commands[i] == 0)
            {
                stashed.Add(i);
                continue;
            }

            seen.Add(i);
            var count = commands[i] switch { 2 => Math.Min(1, stashed.Count), 3 => stashed.Count, _ => 0 };
            seen.AddRange(stashed.Take(count));
            stashed.RemoveRange(0, count);
        }

        return seen;
    }

    private sealed record Command(int Code, int Number)
    {
        public bool WasStashed { get; set; }
    }
}
