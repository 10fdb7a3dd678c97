using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class ShutdownTests : TestKit.TestKit
{
    private static readonly string[] Phases =
    [
        "before-service-unbind", "service-unbind", "service-requests-done", "service-stop",
        "before-cluster-shutdown", "cluster-sharding-shutdown-region", "cluster-leave", "cluster-exiting",
        "cluster-exiting-done", "cluster-shutdown", "before-actor-system-terminate", "actor-system-terminate",
    ];

    private CoordinatedShutdown Shutdowns => CoordinatedShutdown.Get(Sys);

    [Fact]
    public void Phases_run_one_after_the_other_in_their_order()
    {
        var ran = new List<string>();
        foreach (var phase in Phases.Reverse())
        {
            Shutdowns.AddTask(phase, "slow", async () =>
            {
                ran.Add(phase + " begins");
                await Task.Delay(TimeSpan.FromSeconds(1), Sys.Runtime.Time);
                ran.Add(phase + " ends");
            });
        }

        Await(Shutdowns.Run(new TestReason()), TimeSpan.FromMinutes(2));

        ran.ShouldBe(Phases.SelectMany(p => new[] { p + " begins", p + " ends" }));
        Sys.WhenTerminated.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void A_phase_that_hangs_ends_at_its_time_out_and_the_next_begins()
    {
        var times = new List<double>();
        Shutdowns.AddTask(Phases[0], "hangs", () => new TaskCompletionSource().Task);
        Shutdowns.AddTask(Phases[1], "look", () => Note(times));
        Shutdowns.AddTask(CoordinatedShutdown.PhaseClusterExiting, "hangs", () => new TaskCompletionSource().Task);
        Shutdowns.AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "look", () => Note(times));

        EventFilter.Warning("hangs").Expect(
            2, () => Await(Shutdowns.Run(new TestReason()), TimeSpan.FromMinutes(2)));

        times.ShouldBe([5.0, 15.0]);
    }

    [Fact]
    public void A_task_that_fails_is_logged_and_stops_nothing()
    {
        var ran = false;
        Shutdowns.AddTask(Phases[0], "fails", () => throw new IOException("disk"));
        Shutdowns.AddTask(Phases[1], "runs", () =>
        {
            ran = true;
            return Task.CompletedTask;
        });

        EventFilter.Exception<IOException>().ExpectOne(() => Await(Shutdowns.Run(new TestReason())));

        ran.ShouldBeTrue();
    }

    [Fact]
    public void Tasks_of_one_phase_run_side_by_side()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Shutdowns.AddTask(Phases[0], name, () => Task.Delay(TimeSpan.FromSeconds(4), Sys.Runtime.Time));
        }

        Await(Shutdowns.Run(new TestReason()));

        Simulation.Elapsed.ShouldBe(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void It_runs_once_however_often_it_is_asked()
    {
        var runs = 0;
        Shutdowns.AddTask(Phases[0], "count", () => Task.FromResult(++runs));
        var first = Shutdowns.Run(new TestReason());
        var second = Shutdowns.Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);

        Await(Task.WhenAll(first, second));

        runs.ShouldBe(1);
        Shutdowns.ShutdownReason.ShouldBeOfType<TestReason>();
        Should.Throw<InvalidOperationException>(() => Shutdowns.AddTask(Phases[1], "late", () => Task.CompletedTask));
    }

    [Fact]
    public void It_can_begin_at_a_later_phase()
    {
        var ran = new List<string>();
        foreach (var phase in Phases)
        {
            Shutdowns.AddTask(phase, "note", () =>
            {
                ran.Add(phase);
                return Task.CompletedTask;
            });
        }

        Await(Shutdowns.Run(new TestReason(), Phases[9]));

        ran.ShouldBe(Phases[9..]);
    }

    [Fact]
    public void Terminate_runs_all_phases()
    {
        var ran = false;
        Shutdowns.AddTask(Phases[0], "note", () => Task.FromResult(ran = true));

        Await(Sys.Terminate());

        ran.ShouldBeTrue();
    }

    [Fact]
    public void Time_outs_of_phases_can_be_set()
    {
        using var kit = new TestKit.TestKit(1, new ActorSystemSettings
        {
            ShutdownPhaseTimeouts = new Dictionary<string, TimeSpan> { [Phases[0]] = TimeSpan.FromSeconds(77) },
        });
        var shutdown = CoordinatedShutdown.Get(kit.Sys);

        shutdown.Timeout(Phases[0]).ShouldBe(TimeSpan.FromSeconds(77));
        shutdown.Timeout(Phases[1]).ShouldBe(TimeSpan.FromSeconds(5));
        shutdown.Timeout(CoordinatedShutdown.PhaseActorSystemTerminate).ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void An_unknown_phase_is_an_error_that_lists_the_phases() =>
        Should.Throw<ArgumentException>(() => Shutdowns.AddTask("no-phase", "task", () => Task.CompletedTask))
            .Message.ShouldContain("service-unbind");

    [Fact]
    public void Terminating_stops_user_actors_before_system_actors()
    {
        var order = new List<string>();
        Sys.SystemActorOf(Act.Of(a => a.WhenStopped = () => order.Add("system")));
        ActorOf(Act.Of(a => a.WhenStopped = () => order.Add("user")));
        Sys.RegisterOnTermination(() => order.Add("end"));

        Await(Sys.Terminate());

        order.ShouldBe(["user", "system", "end"]);
        Should.Throw<InvalidOperationException>(() => ActorOf(Act.Of(_ => { }))).Message.ShouldContain("stopping");
    }

    private Task Note(List<double> times)
    {
        times.Add(Simulation.Elapsed.TotalSeconds);
        return Task.CompletedTask;
    }

    private sealed record TestReason : CoordinatedShutdown.Reason;
}
