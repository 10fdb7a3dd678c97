using GpuActors.Actors;

namespace GpuActors.Actors.Tests.Local;

public sealed class TellAndAskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_actor_answers_its_sender()
    {
        var system = ActorSystem.Create("test");
        var echo = system.ActorOf(Props.Create<Echo>(), "echo");

        (await echo.Ask<string>("hello", Patience)).ShouldBe("hello");

        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_failed_actor_is_restarted_and_its_watcher_hears_of_its_stop()
    {
        var system = ActorSystem.Create("test");
        var echo = system.ActorOf(Props.Create<Echo>(), "echo");
        echo.Tell(new InvalidOperationException("boom"));
        (await echo.Ask<string>("hello", Patience)).ShouldBe("hello");
        await echo.GracefulStop(Patience);
        var again = system.ActorOf(Props.Create<Echo>(), "echo");
        (await system.ActorSelection("/user/echo").ResolveOne(Patience)).ShouldBe(again);
        await system.Terminate().WaitAsync(Patience);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<Exception>(e => throw e);
            ReceiveAsync<string>(async text =>
            {
                await Task.Yield();
                Sender.Tell(text);
            });
        }
    }
}
