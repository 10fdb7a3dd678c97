using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class SupervisionTests : TestKit.TestKit
{
    private sealed class Boom(string message = "boom") : Exception(message);

    [Fact]
    public void A_restarted_actor_keeps_its_mailbox_and_its_ref_but_not_the_failing_message()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<Exception>(e => throw e);
            a.On<string>(TestActor.Tell);
        }));

        actor.Tell("one");
        actor.Tell(new Boom());
        actor.Tell("two");

        ExpectMsg("one");
        ExpectMsg("two");
        ExpectNoMsg();
    }

    [Fact]
    public void A_restart_makes_a_new_instance_between_its_hooks()
    {
        var instances = 0;
        var actor = ActorOf(Act.Of(a =>
        {
            var me = ++instances;
            a.WhenStarting = () => TestActor.Tell($"{me} starts");
            a.WhenStopped = () => TestActor.Tell($"{me} stops");
            a.WhenRestarted = e => TestActor.Tell($"{me} restarted by {e.Message}");
            a.On<Exception>(e => throw e);
        }));

        actor.Tell(new Boom());

        ReceiveN(4).ShouldBe(["1 starts", "1 stops", "2 restarted by boom", "2 starts"]);
    }

    [Fact]
    public void The_old_instance_learns_why_and_on_which_message_it_failed()
    {
        var boom = new Boom();
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<Exception>(e => throw e);
            a.WhenRestarting = (reason, message) => TestActor.Tell((reason, message));
        }));

        actor.Tell(boom);

        ExpectMsg(((Exception)boom, (object?)boom));
    }

    [Fact]
    public void A_restart_stops_the_children_and_waits_for_them()
    {
        var parent = ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Here.ActorOf(
                Act.Of(c => c.WhenStopped = () => TestActor.Tell("child stopped")), "child");
            a.WhenRestarted = _ => TestActor.Tell("parent restarted");
            a.On<Exception>(e => throw e);
        }));

        parent.Tell(new Boom());

        ExpectMsg("child stopped");
        ExpectMsg("parent restarted"); // and PreStart could use the name again
        parent.Tell(new Boom());
        ExpectMsg("child stopped");
    }

    [Fact]
    public void Children_that_PreRestart_spares_are_restarted_with_their_parent()
    {
        var parent = ActorOf(Act.Of(a =>
        {
            if (a.Here.Child("child").IsNobody())
            {
                a.Here.ActorOf(
                    Act.Of(c =>
                    {
                        c.WhenRestarted = _ => TestActor.Tell("child restarted");
                        c.On<string>(TestActor.Tell);
                    }),
                    "child");
            }

            a.WhenRestarting = (_, _) => { };
            a.On<Exception>(e => throw e);
            a.On<string>(m => a.Here.Child("child").Tell(m));
        }));

        parent.Tell(new Boom());
        parent.Tell("are you there");

        ExpectMsg("child restarted");
        ExpectMsg("are you there");
    }

    [Fact]
    public void Resume_keeps_the_state()
    {
        var child = Supervise(new OneForOneStrategy(_ => Directive.Resume));

        child.Tell(1);
        child.Tell(new Boom());
        child.Tell(1);

        ExpectMsg(1);
        ExpectMsg(2);
    }

    [Fact]
    public void Restart_loses_the_state()
    {
        var child = Supervise(new OneForOneStrategy(_ => Directive.Restart));

        child.Tell(1);
        child.Tell(new Boom());
        child.Tell(1);

        ExpectMsg(1);
        ExpectMsg(1);
    }

    [Fact]
    public void Stop_ends_the_child()
    {
        var child = Supervise(new OneForOneStrategy(_ => Directive.Stop));
        Watch(child);

        child.Tell(new Boom());

        ExpectTerminated(child);
    }

    [Fact]
    public void Escalate_fails_the_parent()
    {
        var parent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new OneForOneStrategy(_ => Directive.Escalate);
            a.WhenRestarted = e => TestActor.Tell(e.Message);
            a.On<Exception>(e => a.Here.ActorOf(Act.Of(c => c.On<Exception>(x => throw x))).Tell(e));
        }));

        parent.Tell(new Boom("from below"));

        ExpectMsg("from below");
    }

    [Fact]
    public void A_child_that_fails_too_often_is_stopped()
    {
        var child = Supervise(new OneForOneStrategy(2, null, _ => Directive.Restart));
        Watch(child);

        child.Tell(new Boom());
        child.Tell(new Boom());
        child.Tell(1);
        ExpectMsg(1);
        child.Tell(new Boom());

        ExpectTerminated(child);
    }

    [Fact]
    public void Failures_outside_of_the_time_range_do_not_count()
    {
        var child = Supervise(new OneForOneStrategy(1, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        for (var i = 0; i < 5; i++)
        {
            child.Tell(new Boom());
            child.Tell(1);
            ExpectMsg(1);
            Advance(TimeSpan.FromSeconds(61));
        }

        Watch(child);
        child.Tell(new Boom());
        child.Tell(new Boom());
        ExpectTerminated(child);
    }

    [Fact]
    public void One_for_all_restarts_the_siblings_too()
    {
        var parent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new AllForOneStrategy(_ => Directive.Restart);
            foreach (var name in new[] { "a", "b", "c" })
            {
                a.Here.ActorOf(
                    Act.Of(c =>
                    {
                        c.On<Exception>(e => throw e);
                        c.On<string>(m => TestActor.Tell(m + name));
                        c.WhenRestarted = _ => TestActor.Tell(name);
                    }),
                    name);
            }

            a.On<Exception>(e => a.Here.Child("b").Tell(e));
            a.On<string>(m => a.Here.GetChildren().ToList().ForEach(c => c.Tell(m)));
        }));

        parent.Tell(new Boom());

        ReceiveN(3).Cast<string>().Order().ShouldBe(["a", "b", "c"]);
        parent.Tell("alive ");
        ReceiveN(3).Cast<string>().Order().ShouldBe(["alive a", "alive b", "alive c"]);
    }

    [Fact]
    public void An_actor_whose_constructor_fails_is_stopped_by_default()
    {
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() =>
        {
            var actor = ActorOf(Act.Of(_ => throw new Boom()));
            Watch(actor);
            ExpectTerminated(actor);
        });
    }

    [Fact]
    public void A_constructor_that_fails_once_can_be_tried_again()
    {
        var attempts = 0;
        var parent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new OneForOneStrategy(_ => Directive.Restart);
            a.On<string>(m => a.Here.ActorOf(Act.Of(c =>
            {
                c.On<string>(TestActor.Tell);
                if (++attempts < 3)
                {
                    throw new Boom();
                }
            })).Tell(m));
        }));

        parent.Tell("hello");

        ExpectMsg("hello");
        attempts.ShouldBe(3);
    }

    [Fact]
    public void Kill_makes_the_actor_fail()
    {
        var child = Supervise(new OneForOneStrategy(e =>
        {
            TestActor.Tell(e.GetType().Name);
            return Directive.Restart;
        }));

        child.Tell(Kill.Instance);
        child.Tell(1);

        ExpectMsg(nameof(ActorKilledException));
        ExpectMsg(1);
    }

    [Fact]
    public void A_failure_in_a_restart_is_a_failure_again()
    {
        var instances = 0;
        var parent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new OneForOneStrategy(_ => Directive.Restart);
            a.On<Exception>(e => a.Here.ActorOf(Act.Of(c =>
            {
                c.WhenRestarted = _ =>
                {
                    if (++instances < 4)
                    {
                        throw new Boom();
                    }

                    TestActor.Tell("up");
                };
                c.On<Exception>(x => throw x);
            })).Tell(e));
        }));

        parent.Tell(new Boom());

        ExpectMsg("up");
    }

    [Fact]
    public void A_failed_actor_processes_nothing_until_its_supervisor_decided()
    {
        // Stopping wins over the messages behind the failing one.
        var child = Supervise(new OneForOneStrategy(_ => Directive.Stop));
        Watch(child);

        child.Tell(new Boom());
        child.Tell(1);

        ExpectTerminated(child);
        ExpectNoMsg();
    }

    [Fact]
    public void The_children_of_a_failed_actor_wait_with_it_for_the_decision()
    {
        // The grandparent is busy for ten seconds, so its decision takes that long.
        IActorRef? parent = null, child = null;
        var grandparent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new OneForOneStrategy(_ => Directive.Resume);
            a.OnAsync<string>(async _ => await Task.Delay(TimeSpan.FromSeconds(10), Sys.Runtime.Time));
            parent = a.Here.ActorOf(Act.Of(p =>
            {
                child = p.Here.ActorOf(Act.Of(c => c.On<string>(TestActor.Tell)));
                p.On<Exception>(e => throw e);
            }));
        }));
        grandparent.Tell("be busy");
        Simulation.RunUntilIdle();

        parent!.Tell(new Boom());
        Simulation.RunUntilIdle();
        child!.Tell("work");

        ExpectNoMsg(TimeSpan.FromSeconds(9));
        ExpectMsg("work");
    }

    [Fact]
    public void When_an_escalated_failure_is_resumed_the_child_that_failed_goes_on_too()
    {
        var grandparent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new OneForOneStrategy(_ => Directive.Resume);
            var parent = a.Here.ActorOf(Act.Of(p =>
            {
                p.Strategy = new OneForOneStrategy(_ => Directive.Escalate);
                var child = p.Here.ActorOf(Act.Of(c =>
                {
                    c.On<Exception>(e => throw e);
                    c.On<string>(TestActor.Tell);
                }));
                p.OnAny(child.Tell);
            }));
            a.OnAny(parent.Tell);
        }));

        grandparent.Tell(new Boom());
        grandparent.Tell("still there");

        ExpectMsg("still there");
    }

    [Fact]
    public void Whatever_fails_under_whatever_strategies_every_actor_that_lives_answers()
    {
        // A tree of actors that fail at random, several at a time, under random directives. A suspension that is
        // taken back too seldom would leave an actor mute, one taken back too often would let it run too early.
        Prop.ForAll<int>(seed =>
        {
            using var kit = new TestKit.TestKit(seed);
            var random = kit.Runtime.Random;
            var all = new List<IActorRef>();
            kit.ActorOf(FailingTree(depth: 3, random, all));
            kit.Simulation.RunUntilIdle();
            for (var i = 0; i < 12; i++)
            {
                all[random.Next(all.Count)].Tell(new Boom());
            }

            kit.Simulation.RunUntilIdle();
            foreach (var actor in all.ToArray())
            {
                kit.Watch(actor);
                actor.Tell("ping", kit.TestActor);
            }

            // Who has stopped is reported by the watch, who lives must answer.
            var heard = new HashSet<IActorRef>();
            kit.Simulation.RunUntilIdle();
            while (kit.Probe.ReceiveOne(TimeSpan.Zero) is { } message)
            {
                heard.Add(message is Terminated terminated ? terminated.ActorRef : kit.LastSender);
            }

            heard.ShouldBe(all.Distinct(), ignoreOrder: true);
        }).QuickCheckThrowOnFailure();
    }

    private static Props FailingTree(int depth, IRandomSource random, List<IActorRef> all) => Act.Of(a =>
    {
        all.Add(a.Here.Self);
        var sparesChildren = random.Next(2) == 0;
        if (sparesChildren)
        {
            a.WhenRestarting = (_, _) => { };
        }

        var directives = Enumerable.Range(0, 20)
            .Select(_ => depth == 3 ? Directive.Resume : (Directive)random.Next(4)).ToArray();
        var next = 0;
        Directive Decide(Exception cause) => directives[next++ % directives.Length];
        a.Strategy = random.Next(2) == 0 ? new OneForOneStrategy(Decide) : new AllForOneStrategy(Decide);
        for (var i = a.Here.GetChildren().Count; i < 2 && depth > 0; i++)
        {
            a.Here.ActorOf(FailingTree(depth - 1, random, all));
        }

        a.On<Exception>(e => throw e);
        a.On<string>(_ => a.From.Tell("pong", a.Here.Self));
    });

    /// <summary>A child that counts what it is told, under a parent with the strategy.</summary>
    private IActorRef Supervise(SupervisorStrategy strategy)
    {
        var parent = ActorOf(Act.Of(a =>
        {
            a.Strategy = strategy;
            a.On<string>(_ => a.From.Tell(a.Here.ActorOf(Act.Of(c =>
            {
                var sum = 0;
                c.On<int>(n => TestActor.Tell(sum += n));
                c.On<Exception>(e => throw e);
            }))));
        }));
        parent.Tell("child", TestActor);
        return ExpectMsg<IActorRef>();
    }
}
