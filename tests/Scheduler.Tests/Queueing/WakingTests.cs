using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>A release wakes exactly who can use it.</summary>
public sealed class WakingTests
{
    [Fact]
    public void A_release_is_tried_by_nobody_whom_it_can_not_serve()
    {
        var world = new QueueWorld(1, 2);
        world.Submit(Session("a", 70)).Submit(Session("b", 20)).Submit(Session("c", 100));
        for (var i = 0; i < 9; i++)
        {
            world.Submit(Session($"w{i}", 31 + i, second: 10 + i));
        }

        var before = world.Refusals;
        world.End("b");
        world.Refusals.ShouldBe(before, "30 % are free, and everybody asks for more");
        world.Served.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void What_one_has_used_up_is_not_tried_by_the_next()
    {
        var world = new QueueWorld(1, 1);
        world.Submit(Session("all", 100));
        for (var i = 0; i < 9; i++)
        {
            world.Submit(Session($"w{i}", 60 + i, second: 1 + i, limitSeconds: 10));
        }

        var before = world.Refusals;
        world.End("all");
        world.Served.ShouldBe(["all", "w0"]);
        world.Refusals.ShouldBe(before, "40 % are left, and everybody else asks for more");
    }

    [Fact]
    public void Several_who_fit_beside_each_other_are_served_by_one_release()
    {
        var world = new QueueWorld(1, 1);
        world.Submit(Session("all", 100));
        world.Submit(Session("x", 50, second: 1)).Submit(Session("y", 30, second: 2)).Submit(Session("z", 40, second: 3));
        world.Submit(Session("v", 20, second: 4, limitSeconds: 1));
        world.End("all");
        world.Served.ShouldBe(["all", "x", "y", "v"]);
    }
}
