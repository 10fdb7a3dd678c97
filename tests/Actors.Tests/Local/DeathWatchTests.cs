using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class DeathWatchTests : TestKit.TestKit
{
    [Fact]
    public void A_watcher_hears_once_also_when_it_watched_twice()
    {
        var actor = ActorOf(Act.Of(_ => { }));
        Watch(actor);
        Watch(actor);

        Sys.Stop(actor);

        var terminated = ExpectTerminated(actor);
        terminated.ExistenceConfirmed.ShouldBeTrue();
        terminated.AddressTerminated.ShouldBeFalse();
        ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Every_watcher_hears()
    {
        var actor = ActorOf(Act.Of(_ => { }));
        var probes = Enumerable.Range(0, 5).Select(_ => CreateTestProbe()).ToList();
        probes.ForEach(p => p.Watch(actor));

        actor.Tell(PoisonPill.Instance);

        probes.ForEach(p => p.ExpectTerminated(actor));
    }

    [Fact]
    public void Watching_a_stopped_actor_is_answered_at_once()
    {
        var actor = ActorOf(Act.Of(_ => { }));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        Watch(actor);

        ExpectTerminated(actor);
    }

    [Fact]
    public void Watching_a_path_where_nobody_ever_was_is_answered_as_unconfirmed()
    {
        var nobody = Sys.Provider.ResolveActorRef("akka://test/user/nobody");

        Watch(nobody);

        ExpectTerminated(nobody).ExistenceConfirmed.ShouldBeFalse();
    }

    [Fact]
    public void The_notice_comes_after_what_the_actor_sent_before_it_stopped()
    {
        var actor = ActorOf(Act.Of(a => a.On<int>(count =>
        {
            for (var i = 0; i < count; i++)
            {
                TestActor.Tell(i);
            }

            a.Here.Stop(a.Here.Self);
        })));
        Watch(actor);

        actor.Tell(500);

        ReceiveN(500).ShouldBe(Enumerable.Range(0, 500).Cast<object>());
        ExpectTerminated(actor);
    }

    [Fact]
    public void After_Unwatch_nothing_is_heard_not_even_a_notice_in_the_mailbox()
    {
        var victim = ActorOf(Act.Of(_ => { }), "victim");
        var watcher = ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Here.Watch(victim);
            a.OnAsync<string>(async _ =>
            {
                Sys.Stop(victim);
                await Task.Delay(TimeSpan.FromSeconds(1), Sys.Runtime.Time); // the notice arrives meanwhile
                a.Here.Unwatch(victim);
            });
            a.OnAny(m => TestActor.Tell(m));
        }));

        watcher.Tell("go");

        ExpectNoMsg(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void WatchWith_sends_the_message_instead()
    {
        var victim = ActorOf(Act.Of(_ => { }));
        ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () => a.Here.WatchWith(victim, "it is gone");
            a.On<string>(TestActor.Tell);
        }));
        Simulation.RunUntilIdle();

        Sys.Stop(victim);

        ExpectMsg("it is gone");
    }

    [Fact]
    public void Watching_again_with_another_message_is_an_error()
    {
        var victim = ActorOf(Act.Of(_ => { }));
        ActorOf(Act.Of(a => a.On<string>(_ =>
        {
            a.Here.WatchWith(victim, "one");
            var error = Should.Throw<InvalidOperationException>(() => a.Here.WatchWith(victim, "two"));
            TestActor.Tell(error.Message);
        }))).Tell("go");

        ExpectMsg<string>(m => m.Contains("Unwatch", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unhandled_Terminated_fails_the_watcher()
    {
        var victim = ActorOf(Act.Of(_ => { }));
        var watcher = ActorOf(Act.Of(a => a.WhenStarting = () => a.Here.Watch(victim)));
        Watch(watcher);
        Simulation.RunUntilIdle();

        EventFilter.Exception<DeathPactException>().ExpectOne(() => Sys.Stop(victim));

        ExpectTerminated(watcher);
    }

    [Fact]
    public void Who_hears_of_a_death_can_use_the_name_again()
    {
        Prop.ForAll<int>(seed =>
        {
            using var kit = new TestKit.TestKit(seed);
            kit.ActorOf(Act.Of(a =>
            {
                var rounds = 0;
                void Create() => a.Here.Watch(a.Here.ActorOf(Act.Of(_ => { }), "child")).Tell(PoisonPill.Instance);
                a.WhenStarting = Create;
                a.On<Terminated>(_ =>
                {
                    if (++rounds < 20)
                    {
                        Create();
                    }
                    else
                    {
                        kit.TestActor.Tell("done");
                    }
                });
            }));
            kit.ExpectMsg("done");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Children_have_stopped_before_their_parent()
    {
        var order = new List<string>();
        Props Tree(int depth, string name) => Act.Of(a =>
        {
            a.WhenStopped = () => order.Add(name);
            for (var i = 0; i < 2 && depth > 0; i++)
            {
                a.Here.ActorOf(Tree(depth - 1, name + i));
            }
        });
        var root = ActorOf(Tree(3, "r"));
        Watch(root);
        Simulation.RunUntilIdle();

        Sys.Stop(root);
        ExpectTerminated(root);

        order.Count.ShouldBe(15);
        foreach (var name in order.Where(n => n != "r"))
        {
            order.IndexOf(name).ShouldBeLessThan(order.IndexOf(name[..^1]), $"{name} stops before its parent");
        }
    }

    [Fact]
    public void A_stop_that_meets_an_actor_just_going_idle_is_not_lost()
    {
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        for (var i = 0; i < 5_000; i++)
        {
            var actor = kit.ActorOf(Act.Of(a => a.On<int>(_ => { })));
            kit.Watch(actor);
            actor.Tell(i);
            kit.Sys.Stop(actor);
            kit.ExpectTerminated(actor, TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public void Real_threads_lose_no_notice()
    {
        const int Count = 5_000;
        using var kit = new TestKit.TestKit(new ProductionRuntime());
        var heard = 0;
        kit.ActorOf(Act.Of(a =>
        {
            a.WhenStarting = () =>
            {
                for (var i = 0; i < Count; i++)
                {
                    // Half of them stop before, half after the watch reaches them.
                    var child = a.Here.ActorOf(Act.Of(_ => { }));
                    if (i % 2 == 0)
                    {
                        child.Tell(PoisonPill.Instance);
                    }

                    a.Here.Watch(child);
                    a.Here.Stop(child);
                }
            };
            a.On<Terminated>(_ =>
            {
                if (++heard == Count)
                {
                    kit.TestActor.Tell("all");
                }
            });
        }));

        kit.ExpectMsg("all", TimeSpan.FromSeconds(60));
        heard.ShouldBe(Count);
    }
}
