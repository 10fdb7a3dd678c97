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
    public void The_children_of_a_failed_actor_wait_with_it()
    {
        // The child's message was sent before the failure; it is processed after the resume, not meanwhile.
        var decided = false;
        var grandparent = ActorOf(Act.Of(a =>
        {
            a.Strategy = new OneForOneStrategy(_ =>
            {
                decided = true;
                return Directive.Resume;
            });
            a.On<string>(m => a.Here.ActorOf(Act.Of(p =>
            {
                var child = p.Here.ActorOf(Act.Of(c => c.On<string>(_ => TestActor.Tell(decided))));
                p.On<string>(text =>
                {
                    p.Here.Self.Tell(new Boom());
                    p.Here.Self.Tell(child);
                });
                p.On<Exception>(e => throw e);
                p.On<IActorRef>(to => to.Tell("now"));
            })).Tell(m));
        }));

        grandparent.Tell("go");

        ExpectMsg(true);
    }

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
