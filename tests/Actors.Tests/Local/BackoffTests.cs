using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class BackoffTests : TestKit.TestKit
{
    [Fact]
    public void Pauses_double_up_to_the_longest()
    {
        ActorOf(BackoffSupervisor.Props(Backoff.OnStop(
            Act.Of(a => a.WhenStarting = () =>
            {
                TestActor.Tell(Simulation.Elapsed.TotalSeconds);
                a.Here.Stop(a.Here.Self);
            }),
            "child", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6), randomFactor: 0)));

        ReceiveN(6, TimeSpan.FromMinutes(1)).ShouldBe([0.0, 1.0, 3.0, 7.0, 13.0, 19.0]);
    }

    [Fact]
    public void Randomness_only_lengthens_pauses_within_its_factor()
    {
        ActorOf(BackoffSupervisor.Props(Backoff.OnStop(
            Act.Of(a => a.WhenStarting = () =>
            {
                TestActor.Tell(Simulation.Elapsed.TotalSeconds);
                a.Here.Stop(a.Here.Self);
            }),
            "child", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), randomFactor: 0.5)));

        var times = ReceiveN(20, TimeSpan.FromHours(1)).Cast<double>().ToList();
        var pauses = times.Skip(1).Zip(times, (later, earlier) => later - earlier).ToList();

        pauses.ShouldAllBe(p => p >= 10 && p <= 15);
        pauses.Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public void OnFailure_starts_a_failed_child_again_after_the_pause_but_lets_it_stop_by_itself()
    {
        var supervisor = ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(
            Child(), "child", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20), randomFactor: 0)));
        Watch(supervisor);

        supervisor.Tell(new IOException("disk"));
        Advance(TimeSpan.FromSeconds(1));
        EventFilter.DeadLetter<string>().ExpectOne(() => supervisor.Tell("in the pause"));
        Advance(TimeSpan.FromSeconds(1.5));
        supervisor.Tell("hello", TestActor);
        ExpectMsg("hello");

        supervisor.Tell(0); // the child stops itself
        ExpectTerminated(supervisor);
    }

    [Fact]
    public void Too_many_failures_stop_the_supervisor()
    {
        var supervisor = ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(
            Child(), "child", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 0, maxNrOfRetries: 2)
            .WithManualReset()));
        Watch(supervisor);
        for (var i = 0; i < 2; i++)
        {
            supervisor.Tell(new IOException("disk"));
            Advance(TimeSpan.FromSeconds(1.5));
        }

        ExpectNoMsg();
        supervisor.Tell(new IOException("disk"));

        ExpectTerminated(supervisor);
    }

    [Fact]
    public void A_child_that_ran_long_enough_starts_with_the_shortest_pause_again()
    {
        var supervisor = ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(
            Child(), "child", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), 0)
            .WithAutoReset(TimeSpan.FromSeconds(30))));
        for (var i = 0; i < 5; i++)
        {
            supervisor.Tell(new IOException("disk"));
            Advance(TimeSpan.FromSeconds(20));
        }

        Await(supervisor.Ask<BackoffSupervisor.RestartCount>(new BackoffSupervisor.GetRestartCount()))
            .Count.ShouldBe(5);
        Advance(TimeSpan.FromSeconds(31));

        Await(supervisor.Ask<BackoffSupervisor.RestartCount>(new BackoffSupervisor.GetRestartCount()))
            .Count.ShouldBe(0);
    }

    [Fact]
    public void In_the_pause_it_answers_as_it_was_told()
    {
        var supervisor = ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(
            Child(), "child", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 0).WithReplyWhileStopped("later")));
        supervisor.Tell(new IOException("disk"));
        Simulation.RunUntilIdle();

        supervisor.Tell("hello", TestActor);

        ExpectMsg("later");
    }

    private static Props Child() => Act.Of(a =>
    {
        a.On<Exception>(e => throw e);
        a.On<string>(m => a.From.Tell(m));
        a.On<int>(_ => a.Here.Stop(a.Here.Self));
    });
}
