using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class SelectionTests : TestKit.TestKit
{
    [Theory]
    [InlineData("/user/parent/child")]
    [InlineData("parent/child")]
    [InlineData("akka://test/user/parent/child")]
    [InlineData("/user/parent/../parent/child")]
    public void An_actor_is_found_by_its_path(string path)
    {
        MakeParent();

        var child = Await(Sys.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(1)));

        child.Path.ToStringWithoutAddress().ShouldBe("/user/parent/child");
        Sys.ActorSelection(path).Tell("hello", TestActor);
        ExpectMsg("child got hello");
        LastSender.ShouldBe(child);
    }

    [Fact]
    public void Unnamed_actors_are_found_too()
    {
        var unnamed = ActorOf(Act.Of(_ => { }));

        Await(Sys.ActorSelection(unnamed.Path.ToString()).ResolveOne(TimeSpan.FromSeconds(1))).ShouldBe(unnamed);
        Sys.Provider.ResolveActorRef(unnamed.Path.ToSerializationFormat()).ShouldBe(unnamed);
    }

    [Fact]
    public void A_path_without_actor_is_an_error_at_once()
    {
        var error = Should.Throw<ActorNotFoundException>(
            () => Await(Sys.ActorSelection("/user/nobody").ResolveOne(TimeSpan.FromHours(1))));

        error.Message.ShouldContain("/user/nobody");
        Simulation.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Telling_nobody_gives_a_dead_letter() =>
        EventFilter.DeadLetter<string>().ExpectOne(() => Sys.ActorSelection("/user/nobody").Tell("hello"));

    [Fact]
    public void A_selection_is_looked_up_at_each_send()
    {
        var selection = Sys.ActorSelection("/user/parent");
        var first = MakeParent();
        Await(first.GracefulStop(TimeSpan.FromSeconds(5)));
        var second = MakeParent();

        Await(selection.ResolveOne(TimeSpan.FromSeconds(1))).ShouldBe(second);
        second.ShouldNotBe(first);
    }

    [Fact]
    public void A_ref_with_an_old_uid_does_not_lead_to_the_new_actor()
    {
        var first = MakeParent();
        var path = first.Path.ToSerializationFormat();
        Await(first.GracefulStop(TimeSpan.FromSeconds(5)));
        MakeParent();

        EventFilter.DeadLetter<string>().ExpectOne(() => Sys.Provider.ResolveActorRef(path).Tell("to the first"));
    }

    [Fact]
    public void Relative_paths_start_at_the_actor()
    {
        MakeParent();
        ActorOf(Act.Of(a => a.On<string>(m => a.Here.ActorSelection("../parent/child").Tell(m, TestActor)))).Tell("x");

        ExpectMsg("child got x");
    }

    [Fact]
    public void An_address_of_another_node_needs_remoting()
    {
        EventFilter.DeadLetter<string>().ExpectOne(
            () => Sys.ActorSelection("akka://other@host:1/user/a").Tell("hello"));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("$mine")]
    public void Names_that_no_path_can_hold_are_refused(string name) =>
        Should.Throw<InvalidActorNameException>(() => ActorOf(Act.Of(_ => { }), name));

    [Fact]
    public void A_name_is_taken_only_once()
    {
        MakeParent();

        Should.Throw<InvalidActorNameException>(() => MakeParent()).Message.ShouldContain("parent");
    }

    private IActorRef MakeParent()
    {
        var parent = ActorOf(
            Act.Of(a => a.Here.ActorOf(Act.Of(c => c.On<string>(m => c.From.Tell("child got " + m))), "child")),
            "parent");
        Simulation.RunUntilIdle();
        return parent;
    }
}
