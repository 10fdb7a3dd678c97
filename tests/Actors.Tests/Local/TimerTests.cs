using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class TimerTests : TestKit.TestKit
{
    [Fact]
    public void A_single_timer_fires_once_at_its_time()
    {
        ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Timers.StartSingleTimer("key", "tick", TimeSpan.FromHours(5));
            a.On<string>(m => TestActor.Tell((m, Simulation.Elapsed, a.Timers.IsTimerActive("key"))));
        }));

        ExpectMsg(("tick", TimeSpan.FromHours(5), false), TimeSpan.FromDays(1));
        ExpectNoMsg(TimeSpan.FromDays(1));
    }

    [Fact]
    public void A_periodic_timer_fires_at_each_interval_until_cancelled()
    {
        ActorOf(Act.Of(a =>
        {
            var ticks = 0;
            a.WhenStarting = () => a.Timers.StartPeriodicTimer(
                "key", "tick", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
            a.On<string>(_ =>
            {
                TestActor.Tell(Simulation.Elapsed.TotalSeconds);
                if (++ticks == 3)
                {
                    a.Timers.Cancel("key");
                }
            });
        }));

        ReceiveN(3, TimeSpan.FromMinutes(1)).ShouldBe([1.0, 11.0, 21.0]);
        ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_restart_cancels_the_timers()
    {
        var starts = 0;
        var actor = ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () =>
            {
                if (++starts == 1)
                {
                    a.Timers.StartSingleTimer("key", "from the first instance", TimeSpan.FromSeconds(1));
                }
            };
            a.On<string>(TestActor.Tell);
            a.On<Exception>(e => throw e);
        }));

        actor.Tell(new TimeoutException());

        ExpectNoMsg(TimeSpan.FromMinutes(1));
        starts.ShouldBe(2);
    }

    [Fact]
    public void A_replaced_timers_message_is_not_seen_even_if_it_waits_in_the_mailbox()
    {
        ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Timers.StartSingleTimer("key", "old", TimeSpan.FromSeconds(1));
            a.OnAsync<int>(async _ =>
            {
                await Task.Delay(TimeSpan.FromSeconds(5), Sys.Runtime.Time); // "old" arrives meanwhile
                a.Timers.StartSingleTimer("key", "new", TimeSpan.FromSeconds(1));
            });
            a.On<string>(TestActor.Tell);
        })).Tell(1);

        ExpectMsg("new");
        ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Ticks_do_not_pile_up_in_the_mailbox_of_a_busy_actor()
    {
        var ticks = 0;
        ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Timers.StartPeriodicTimer("key", "tick", TimeSpan.FromSeconds(1));
            a.OnAsync<int>(async _ => await Task.Delay(TimeSpan.FromSeconds(100.5), Sys.Runtime.Time));
            a.On<string>(_ => ticks++);
        })).Tell(1);

        Advance(TimeSpan.FromSeconds(101.5));

        ticks.ShouldBe(2); // one for the hundred missed, one of its own time
    }

    [Fact]
    public void Receive_timeout_comes_when_no_message_came_for_so_long()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Here.SetReceiveTimeout(TimeSpan.FromSeconds(10));
            a.On<ReceiveTimeout>(_ =>
            {
                TestActor.Tell(Simulation.Elapsed.TotalSeconds);
                a.Here.SetReceiveTimeout(null);
            });
            a.On<string>(_ => { });
        }));

        Advance(TimeSpan.FromSeconds(7));
        actor.Tell("something");
        Advance(TimeSpan.FromSeconds(7));
        actor.Tell("something");

        ExpectMsg(24.0, TimeSpan.FromMinutes(1));
        ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Receive_timeout_comes_again_and_again_while_it_is_set()
    {
        ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Here.SetReceiveTimeout(TimeSpan.FromSeconds(10));
            a.On<ReceiveTimeout>(_ => TestActor.Tell(Simulation.Elapsed.TotalSeconds));
        }));

        ReceiveN(3, TimeSpan.FromMinutes(1)).ShouldBe([10.0, 20.0, 30.0]);
    }

    [Fact]
    public void The_scheduler_tells_once_or_repeatedly_until_cancelled()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(3), TestActor, "once", ActorRefs.NoSender);
        var repeated = Sys.Scheduler.ScheduleTellRepeatedly(
            TimeSpan.Zero, TimeSpan.FromSeconds(2), TestActor, "again", ActorRefs.NoSender);

        Advance(TimeSpan.FromSeconds(4.5));
        ReceiveN(4).ShouldBe(["again", "again", "once", "again"]);

        repeated.Cancel();
        ExpectNoMsg(TimeSpan.FromMinutes(1));
    }
}
