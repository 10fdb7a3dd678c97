using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class ActorInspectionTests : IDisposable
{
    private readonly TestKit.TestKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Actors_are_listed_parents_first_and_cut_where_asked()
    {
        var parent = _kit.Sys.ActorOf(Props.Create(() => new Parent("b", "a")), "family");
        _kit.Await(parent.Ask<ActorIdentity>(new Identify("1")));

        ActorInspection.Find(_kit.Sys, "/user/family")!.Value.Children.ShouldBe(2);
        ActorInspection.List(_kit.Sys, "/user/family", 2, 10)
            .Select(actor => (actor.Path.ToStringWithoutAddress(), actor.ActorType))
            .ShouldBe([("/user/family/a", "Parent"), ("/user/family/b", "Parent")]);
        ActorInspection.List(_kit.Sys, "/user/family", 1, 1).Count.ShouldBe(1);
        ActorInspection.List(_kit.Sys, "/user", 0, 10).ShouldBeEmpty();
        ActorInspection.Find(_kit.Sys, "/user/nobody").ShouldBeNull();
    }

    [Fact]
    public void What_waits_for_an_actor_that_awaits_a_task_is_counted()
    {
        var task = new TaskCompletionSource();
        var actor = _kit.Sys.ActorOf(Props.Create(() => new Awaiting(task.Task)), "awaiting");
        for (var i = 0; i < 5; i++)
        {
            actor.Tell(i, ActorRefs.NoSender);
        }

        _kit.Advance(TimeSpan.Zero);
        var seen = ActorInspection.Find(_kit.Sys, "/user/awaiting")!.Value;
        (seen.Activity, seen.Waiting).ShouldBe((ActorActivity.Awaiting, 4));

        task.SetResult();
        _kit.Advance(TimeSpan.Zero);
        seen = ActorInspection.Find(_kit.Sys, "/user/awaiting")!.Value;
        (seen.Activity, seen.Waiting).ShouldBe((ActorActivity.Idle, 0));
    }

    private sealed class Parent : ReceiveActor
    {
        public Parent(params string[] children)
        {
            foreach (var child in children)
            {
                Context.ActorOf(Props.Create(() => new Parent()), child);
            }
        }
    }

    private sealed class Awaiting : ReceiveActor
    {
        public Awaiting(Task task) => ReceiveAsync<int>(_ => task);
    }
}
