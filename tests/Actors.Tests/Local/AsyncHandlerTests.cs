using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class AsyncHandlerTests : TestKit.TestKit
{
    [Fact]
    public void Nothing_else_is_processed_until_the_task_ends()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.OnAsync<string>(async m =>
            {
                TestActor.Tell(m + " begins");
                await Pause(1);
                TestActor.Tell(m + " ends");
            });
            a.On<int>(n => TestActor.Tell(n));
        }));

        actor.Tell("a");
        actor.Tell(1);
        actor.Tell("b");

        ReceiveN(5).ShouldBe(["a begins", "a ends", 1, "b begins", "b ends"]);
    }

    [Fact]
    public void Self_Sender_and_Context_stay_right_after_await()
    {
        var other = CreateTestProbe();
        var actor = ActorOf(Act.Of(a => a.OnAsync<int>(async n =>
        {
            await Pause(1);
            a.From.Tell((n, a.Here.Self.Path.Name), a.Here.Self);
        })), "me");

        actor.Tell(1, TestActor);
        actor.Tell(2, other.Ref);

        ExpectMsg((1, "me"));
        LastSender.ShouldBe(actor);
        other.ExpectMsg((2, "me"));
    }

    [Fact]
    public void A_failure_after_await_goes_to_the_supervisor_like_any_other()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.OnAsync<string>(async m =>
            {
                await Pause(1);
                throw new IOException(m);
            });
            a.WhenRestarting = (reason, message) => TestActor.Tell((reason.Message, message));
            a.On<int>(n => TestActor.Tell(n));
        }));

        actor.Tell("disk");
        actor.Tell(1);

        ExpectMsg(("disk", (object?)"disk"));
        ExpectMsg(1);
    }

    [Fact]
    public void A_stop_waits_for_the_running_task()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.OnAsync<string>(async _ =>
            {
                await Pause(5);
                TestActor.Tell("task ended");
            });
            a.WhenStopped = () => TestActor.Tell("stopped");
        }));
        actor.Tell("go");
        Simulation.RunUntilIdle();

        Sys.Stop(actor);

        ReceiveN(2).ShouldBe(["task ended", "stopped"]);
    }

    [Fact]
    public void A_task_that_has_ended_already_costs_no_turn()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.OnAsync<int>(n =>
            {
                TestActor.Tell(n);
                return Task.CompletedTask;
            });
            a.OnAsync<Exception>(Task.FromException);
        }));

        actor.Tell(1);
        actor.Tell(new IOException());
        actor.Tell(2);

        ReceiveN(2).ShouldBe([1, 2]);
    }

    [Fact]
    public void RunTask_in_PreStart_holds_back_the_first_message()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.RunAsync(async () =>
            {
                await Pause(3);
                TestActor.Tell("ready");
            });
            a.On<int>(n => TestActor.Tell(n));
        }));

        actor.Tell(1);

        ReceiveN(2).ShouldBe(["ready", 1]);
    }

    [Fact]
    public void Actors_can_be_asked_within_a_handler()
    {
        var inner = ActorOf(Act.Of(a => a.On<int>(n => a.From.Tell(n * n))));
        var outer = ActorOf(Act.Of(a => a.OnAsync<int>(async n =>
        {
            var sender = a.From;
            sender.Tell(await inner.Ask<int>(n) + 1);
        })));

        Await(outer.Ask<int>(6)).ShouldBe(37);
    }

    [Fact]
    public void The_context_refuses_use_outside_of_the_actors_turn()
    {
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        kit.ActorOf(Act.Of(a => a.OnAsync<string>(async _ =>
        {
            await Task.Delay(1).ConfigureAwait(false);
            var error = Should.Throw<InvalidOperationException>(() => a.Here.ActorOf(Act.Of(_ => { })));
            kit.TestActor.Tell(error.Message, ActorRefs.NoSender);
        }))).Tell("go");

        kit.ExpectMsg<string>(m => m.Contains("ConfigureAwait", StringComparison.Ordinal));
    }

    [Fact]
    public void Handlers_keep_their_turn_on_real_threads()
    {
        const int Count = 2_000;
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        var isInside = false;
        var sum = 0;
        var actor = kit.ActorOf(Act.Of(a => a.OnAsync<int>(async n =>
        {
            if (isInside)
            {
                kit.TestActor.Tell("two at a time");
            }

            isInside = true;
            await Task.Yield();
            var before = sum;
            await Task.Yield();
            sum = before + n;
            isInside = false;
            if (sum == Count)
            {
                kit.TestActor.Tell("done");
            }
        })));

        for (var i = 0; i < Count; i++)
        {
            actor.Tell(1);
        }

        kit.ExpectMsg("done", TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_task_that_ends_just_when_its_actor_parks_is_not_lost()
    {
        const int Count = 5_000;
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        var actor = kit.ActorOf(Act.Of(a => a.OnAsync<int>(async n =>
        {
            await Task.Run(static () => { }); // ends on another thread, about when this turn does
            if (n == Count)
            {
                kit.TestActor.Tell("done");
            }
        })));

        for (var i = 1; i <= Count; i++)
        {
            actor.Tell(i);
        }

        kit.ExpectMsg("done", TimeSpan.FromSeconds(60));
    }

    private Task Pause(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Sys.Runtime.Time);
}
