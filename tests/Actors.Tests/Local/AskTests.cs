using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class AskTests : TestKit.TestKit
{
    [Fact]
    public void An_answer_completes_the_question()
    {
        var doubling = ActorOf(Act.Of(a => a.On<int>(n => a.From.Tell(2 * n))));

        Await(doubling.Ask<int>(21)).ShouldBe(42);
    }

    [Fact]
    public void No_answer_in_time_is_an_error_that_says_who_and_what()
    {
        var silent = ActorOf(Act.Of(a => a.On<string>(_ => { })), "silent");
        var asking = silent.Ask<int>("question", TimeSpan.FromSeconds(5));

        Advance(TimeSpan.FromSeconds(4.9));
        asking.IsCompleted.ShouldBeFalse();

        var error = Should.Throw<AskTimeoutException>(() => Await(asking));
        error.Message.ShouldContain("/user/silent");
        error.Message.ShouldContain("String");
    }

    [Fact]
    public void A_late_answer_becomes_a_dead_letter()
    {
        IActorRef? asker = null;
        var slow = ActorOf(Act.Of(a => a.On<string>(_ => asker = a.From)));
        var asking = slow.Ask<int>("question", TimeSpan.FromSeconds(5));
        Advance(TimeSpan.FromSeconds(6));

        EventFilter.DeadLetter<int>().ExpectOne(() => asker!.Tell(1));

        asking.IsFaulted.ShouldBeTrue();
    }

    [Fact]
    public void A_failure_as_the_answer_becomes_its_exception()
    {
        var failing = ActorOf(Act.Of(a => a.OnAny(_ => a.From.Tell(new Status.Failure(new IOException("disk"))))));

        Should.Throw<IOException>(() => Await(failing.Ask<object>("question"))).Message.ShouldBe("disk");
        Await(failing.Ask<Status.Failure>("question")).Cause.ShouldBeOfType<IOException>();
    }

    [Fact]
    public void An_answer_of_another_type_is_an_error_that_names_both()
    {
        var echo = ActorOf(Act.Of(a => a.OnAny(m => a.From.Tell(m))));

        var error = Should.Throw<InvalidCastException>(() => Await(echo.Ask<int>("text")));

        error.Message.ShouldContain("System.String");
        error.Message.ShouldContain("System.Int32");
    }

    [Fact]
    public void Asking_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var silent = ActorOf(Act.Of(a => a.On<string>(_ => { })));
        var asking = silent.Ask<int>("question", TimeSpan.FromHours(1), cancellation.Token);

        cancellation.Cancel();

        Should.Throw<OperationCanceledException>(() => Await(asking));
    }

    [Fact]
    public void Only_the_first_answer_counts()
    {
        var eager = ActorOf(Act.Of(a => a.OnAny(_ =>
        {
            a.From.Tell(1);
            a.From.Tell(2);
        })));

        EventFilter.DeadLetter<int>(n => n == 2).ExpectOne(() => Await(eager.Ask<int>("question")).ShouldBe(1));
    }

    [Fact]
    public void The_asker_can_be_found_by_its_path_while_it_waits()
    {
        IActorRef? asker = null;
        var slow = ActorOf(Act.Of(a => a.On<string>(_ => asker = a.From)));
        var asking = slow.Ask<string>("question");
        Simulation.RunUntilIdle();

        var path = asker!.Path.ToSerializationFormat();
        Sys.Provider.ResolveActorRef(path).Tell("answer");

        Await(asking).ShouldBe("answer");
        Sys.Provider.ResolveActorRef(path).ShouldNotBeSameAs(asker);
    }

    [Fact]
    public void Forward_keeps_the_first_sender()
    {
        var last = ActorOf(Act.Of(a => a.OnAny(m => a.From.Tell(m))));
        var middle = ActorOf(Act.Of(a => a.OnAny(m => last.Forward(m))));

        Await(middle.Ask<string>("through")).ShouldBe("through");
    }

    [Fact]
    public void PipeTo_sends_the_result_or_the_failure()
    {
        _ = Task.FromResult(7).PipeTo(TestActor);
        ExpectMsg(7);

        _ = Task.FromException<int>(new IOException("disk")).PipeTo(TestActor);
        ExpectMsg<Status.Failure>().Cause.Message.ShouldBe("disk");

        _ = Task.FromResult(7).PipeTo(TestActor, success: n => n + 1);
        ExpectMsg(8);

        _ = Task.FromException<int>(new IOException("disk")).PipeTo(TestActor, failure: e => e.Message);
        ExpectMsg("disk");

        _ = Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        ExpectMsg("done");
    }

    [Fact]
    public void GracefulStop_completes_when_the_actor_has_stopped()
    {
        var stopped = false;
        var actor = ActorOf(Act.Of(a => a.WhenStopped = () => stopped = true));

        Await(actor.GracefulStop(TimeSpan.FromSeconds(5))).ShouldBeTrue();

        stopped.ShouldBeTrue();
    }

    [Fact]
    public void GracefulStop_gives_up_on_an_actor_that_does_not_stop()
    {
        var stubborn = ActorOf(Act.Of(a => a.On<string>(_ => { })));

        Should.Throw<AskTimeoutException>(
            () => Await(stubborn.GracefulStop(TimeSpan.FromSeconds(5), "please"), TimeSpan.FromMinutes(1)))
            .Message.ShouldContain("has not stopped");
    }

    [Fact]
    public void Asking_a_stopped_actor_times_out()
    {
        var actor = ActorOf(Act.Of(_ => { }));
        Await(actor.GracefulStop(TimeSpan.FromSeconds(5)));

        Should.Throw<AskTimeoutException>(
            () => Await(actor.Ask<int>("question", TimeSpan.FromSeconds(1)), TimeSpan.FromMinutes(1)));
    }
}
