using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Tests.Queueing;

public sealed class WaitingQueueTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
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
        Add("big1", 0, 1, memory: 9);
        Add("big2", 0, 2, memory: 9);
        Add("small", 0, 3, memory: 1);
        Take().ShouldBe("big1");
        _queue.PutBack(Waiting("big1", 0, 1, 9), couldFit: true);
        Drain().ShouldBe(["small"]);
        _queue.CapacityFreed();
        Drain().ShouldBe(["big1", "big2"]);
    }

    [Fact]
    public void A_resting_head_is_passed_only_so_often()
    {
        Add("big", 0, 0, memory: 9);
        Take();
        _queue.PutBack(Waiting("big", 0, 0, 9), couldFit: true);
        for (var i = 1; i <= 10; i++)
        {
            Add($"small{i}", 0, i, memory: 1);
        }

        Drain().Count.ShouldBe(3, "three may pass, then the head's turn is kept");
        _queue.CapacityFreed();
        Take().ShouldBe("big");
        Drain().Count.ShouldBe(7, "once the head is served, the others go on");
    }

    [Fact]
    public void A_head_that_no_host_could_ever_serve_keeps_nobody_waiting()
    {
        Add("impossible", 9, 0, memory: 99);
        Take();
        _queue.PutBack(Waiting("impossible", 9, 0, 99), couldFit: false);
        for (var i = 1; i <= 10; i++)
        {
            Add($"small{i}", 0, i, memory: 1);
        }

        Drain().Count.ShouldBe(10);
        _queue.CapacityFreed();
        Take().ShouldBe("impossible", "a new host may have come");
    }

    [Fact]
    public void A_session_waits_once_and_a_withdrawn_one_is_gone()
    {
        Add("a", 0, 1);
        _queue.Add(Waiting("a", 9, 0, 1)).ShouldBeFalse();
        _queue.Remove("a").ShouldBeTrue();
        _queue.Remove("a").ShouldBeFalse();
        Drain().ShouldBeEmpty();
    }

    private void Add(string session, int priority, int second, long memory = 1) =>
        _queue.Add(Waiting(session, priority, second, memory)).ShouldBeTrue();

    private string Take() => _queue.TryTake(out var next) ? next.Session : "nobody";

    private List<string> Drain()
    {
        var taken = new List<string>();
        while (_queue.TryTake(out var next))
        {
            taken.Add(next.Session);
        }

        return taken;
    }

    private static WaitingSession Waiting(string session, int priority, int second, long memory) => new(
        session,
        new GpuRequest { MemoryBytes = memory, ComputePercent = 10 },
        priority,
        Start.AddSeconds(second),
        []);
}
