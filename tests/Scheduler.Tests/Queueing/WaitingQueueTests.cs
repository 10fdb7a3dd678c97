using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Quotas;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

public sealed class WaitingQueueTests
{
    private readonly WaitingQueue _queue = new(passLimit: 3);

    [Fact]
    public void Higher_priority_goes_first_and_equals_in_the_order_of_submission()
    {
        Add("late", 0, 2);
        Add("urgent", 5, 3);
        Add("early", 0, 1);
        Drain().ShouldBe(["urgent", "early", "late"]);
    }

    [Fact]
    public void Sessions_that_ask_for_the_same_as_one_that_found_no_room_rest_until_capacity_is_freed()
    {
        Add("big1", 0, 1, 90);
        Add("big2", 0, 2, 90);
        Add("small", 0, 3, 10);
        Refuse(Take("big1"));
        Drain().ShouldBe(["small"]);
        _queue.CapacityFreed();
        Drain().ShouldBe(["big1", "big2"]);
    }

    [Fact]
    public void Where_nobody_knows_when_the_head_can_begin_it_is_passed_only_so_often()
    {
        Add("big", 0, 0, 90);
        Refuse(Take("big"));
        for (var i = 1; i <= 10; i++)
        {
            Add($"small{i}", 0, i, 10);
        }

        Drain().Count.ShouldBe(3, "three may pass, then the head's turn is kept");
        _queue.CapacityFreed();
        _queue.Placed(Take("big"), []);
        Drain().Count.ShouldBe(7, "once the head is served, the others go on");
    }

    [Fact]
    public void While_the_head_is_being_tried_others_do_not_pass_it_any_more_often()
    {
        Add("big", 0, 0, 90);
        Refuse(Take("big"));
        Enumerable.Range(1, 3).ToList().ForEach(i => Add($"small{i}", 0, i, 10));
        Drain().Count.ShouldBe(3);
        _queue.CapacityFreed();
        var head = Take("big");
        Add("small4", 0, 4, 10);
        Drain().ShouldBeEmpty();
        Refuse(head);
        Drain().ShouldBeEmpty();
    }

    [Fact]
    public void A_head_that_no_host_could_ever_serve_keeps_nobody_waiting()
    {
        Add("impossible", 9, 0, 99);
        _queue.PutBack(Take("impossible"), couldFit: false);
        for (var i = 1; i <= 10; i++)
        {
            Add($"small{i}", 0, i, 10);
        }

        Drain().Count.ShouldBe(10);
        _queue.CapacityFreed();
        Take("impossible").ShouldNotBeNull("a new host may have come");
    }

    [Fact]
    public void A_session_waits_once_and_a_withdrawn_one_is_gone()
    {
        Add("a", 0, 1);
        _queue.Add(Session("a", 10, priority: 9)).ShouldBeFalse();
        _queue.Count.ShouldBe(1);
        _queue.Remove("a").ShouldBeTrue();
        _queue.Remove("a").ShouldBeFalse();
        Drain().ShouldBeEmpty();
    }

    [Fact]
    public void Who_has_used_least_for_its_weight_goes_first()
    {
        var world = new QueueWorld(1, 4, queues:
        [
            new() { Name = "heavy", Weight = 3 },
            new() { Name = "light", Weight = 1 },
        ]);
        world.Submit(Session("block", tenant: "x"), 1000);
        world.Submit(Session("block2", tenant: "x"), 1000);
        world.Submit(Session("block3", tenant: "x"), 1000);
        world.Submit(Session("block4", tenant: "x"), 1000);
        for (var i = 0; i < 4; i++)
        {
            world.Submit(Session($"light{i}", second: i, tenant: "l", queue: "light"), 1000);
            world.Submit(Session($"heavy{i}", second: 10 + i, tenant: "h", queue: "heavy"), 1000);
        }

        Array.ForEach(["block", "block2", "block3", "block4"], world.End);
        world.Served.Skip(4).ShouldBe(["light0", "heavy0", "heavy1", "heavy2"]);
    }

    [Fact]
    public void The_earlier_deadline_goes_first_among_equals_and_a_missed_one_is_told_once()
    {
        var never = Session("never", 10, second: 0);
        var late = Session("late", 10, second: 1) with { LatestStart = Start.AddSeconds(50) };
        var soon = Session("soon", 10, second: 2) with { LatestStart = Start.AddSeconds(20) };
        Array.ForEach([never, late, soon], session => _queue.Add(session).ShouldBeTrue());
        _queue.NextDeadline.ShouldBe(soon.LatestStart);
        Take("soon").ShouldNotBeNull();
        _queue.TryTake(Start.AddSeconds(51), out var next).ShouldBeTrue();
        next!.Unit.Id.ShouldBe("never", "late can't begin in time any more");
        _queue.TakeExpired(Start.AddSeconds(51)).Select(unit => unit.Id).ShouldBe(["late"]);
        _queue.TakeExpired(Start.AddSeconds(52)).ShouldBeEmpty();
        _queue.Count.ShouldBe(0);
    }

    [Fact]
    public void Who_waits_is_told_why()
    {
        var world = new QueueWorld(1, 1, queues: new QueueSpec { Name = "team-a", Quota = ResourceVector.Unlimited with { GpuMilli = 500 } });
        world.Submit(Session("a", 50, tenant: "a", queue: "team-a"));
        world.Submit(Session("b", 50, tenant: "a", queue: "team-a"));
        world.Submit(Session("big", 100, tenant: "b"));
        world.Submit(Session("big2", 100, tenant: "b", second: 1));
        world.Submit(Session("other", 100, tenant: "c", second: 2));
        world.Queue.ReasonOf("a").ShouldBeNull();
        world.Queue.ReasonOf("b").ShouldBe("waits: quota of team-a used up, 0.5 of 0.5 GPUs");
        world.Queue.ReasonOf("big").ShouldBe("No room.");
        world.Queue.ReasonOf("big2").ShouldBe("No room. It waits behind big.");
        world.Queue.ReasonOf("other").ShouldBe("No room. It waits behind a job of another tenant.");
    }

    private void Add(string session, int priority, int second, int percent = 10) =>
        _queue.Add(Session(session, percent, priority, second)).ShouldBeTrue();

    private void Refuse(WaitingUnit unit) => _queue.PutBack(unit, couldFit: true);

    private WaitingUnit Take(string expected)
    {
        _queue.TryTake(Start, out var next).ShouldBeTrue();
        next!.Unit.Id.ShouldBe(expected);
        return next.Unit;
    }

    private List<string> Drain()
    {
        var taken = new List<string>();
        while (_queue.TryTake(Start, out var next))
        {
            taken.Add(next.Unit.Id);
            _queue.Placed(next.Unit, []);
        }

        return taken;
    }
}
