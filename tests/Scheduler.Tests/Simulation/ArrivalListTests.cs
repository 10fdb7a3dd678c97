using GpuActors.Scheduler.Simulation.Arrivals;

namespace GpuActors.Scheduler.Tests.Simulation;

public sealed class ArrivalListTests
{
    private static readonly int[] Milli = [500, 1000, 0, 1000, 250];
    private static readonly long[] Total = [500, 1000, 0, 8000, 250];

    [Fact]
    public void Every_task_comes_once_before_tasks_are_drawn_again_up_to_the_ratio()
    {
        const long Capacity = 100_000;
        var list = new ArrivalList(Milli, Total, Capacity).Make(ArrivalOrder.Shuffled, new SeededRandom(42));

        list[..5].Order().ShouldBe([0, 1, 2, 3, 4]);
        var demand = list.Sum(task => Total[task]);
        (demand - Total[list[^1]]).ShouldBeLessThan((long)(1.3 * Capacity));
        demand.ShouldBeInRange((long)(1.3 * Capacity) - 1000, (long)(1.3 * Capacity) + 7000); // counts one GPU only
    }

    [Fact]
    public void A_trace_that_asks_for_more_than_the_ratio_loses_tasks_at_random()
    {
        const long Capacity = 5000;
        var list = new ArrivalList(Milli, Total, Capacity);

        var first = list.Make(ArrivalOrder.Shuffled, new SeededRandom(1));

        first.Sum(task => Total[task]).ShouldBeLessThanOrEqualTo(6500);
        first.ShouldBeUnique();
        Enumerable.Range(1, 20).Select(seed => list.Make(ArrivalOrder.Shuffled, new SeededRandom(seed)).Length)
            .Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public void The_file_s_order_is_kept_once_or_again_and_again()
    {
        var list = new ArrivalList(Milli, Total, 15_000);

        list.Make(ArrivalOrder.File, new SeededRandom(1)).ShouldBe([0, 1, 2, 3, 4]);
        list.Make(ArrivalOrder.Cycled, new SeededRandom(1), ratio: 1).ShouldBe([0, 1, 2, 3, 4, 0, 1, 2, 3]);
    }

    [Fact]
    public void A_seed_decides_the_order_and_nothing_else_does()
    {
        var list = new ArrivalList(Milli, Total, 100_000);
        var first = list.Make(ArrivalOrder.Shuffled, new SeededRandom(7));

        list.Make(ArrivalOrder.Shuffled, new SeededRandom(7)).ShouldBe(first);
        list.Make(ArrivalOrder.Shuffled, new SeededRandom(8)).ShouldNotBe(first);
    }

    [Fact]
    public void The_trace_inflated_to_130_percent_has_as_many_arrivals_as_published()
    {
        var plan = SimulationPlans.Openb("default");
        var list = new ArrivalList(
            [.. plan.Tasks.Select(task => task.Request.GpuMilli)],
            [.. plan.Tasks.Select(task => (long)task.Request.DemandMilli)],
            plan.CapacityMilli);

        list.Make(ArrivalOrder.Cycled, new SeededRandom(42)).Length.ShouldBe(10_891);
        list.Make(ArrivalOrder.Shuffled, new SeededRandom(42)).Length.ShouldBeInRange(10_700, 10_950);
    }

    [Fact]
    public void Whole_numbers_are_drawn_evenly_and_a_permutation_misses_none()
    {
        var random = new SeededRandom(3);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        counts.ShouldAllBe(count => count > 9500 && count < 10_500);
        random.Permutation(1000).Order().ShouldBe(Enumerable.Range(0, 1000));
        Enumerable.Range(0, 20_000).Average(_ => random.NextExponential(5)).ShouldBe(5, 0.15);
    }
}
