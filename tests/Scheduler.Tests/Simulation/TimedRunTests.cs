using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Tests.Simulation;

/// <summary>Runs in which tasks come and go.</summary>
public sealed class TimedRunTests
{
    [Fact]
    public void Who_finds_no_room_waits_in_the_order_of_the_queue()
    {
        // One GPU. The first runs from 0 to 10; the third, of higher priority, goes before the second.
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(1)],
            [
                SimulationPlans.Task(1, at: 0, seconds: 10),
                SimulationPlans.Task(1, at: 2, seconds: 5),
                SimulationPlans.Task(1, at: 4, seconds: 3) with { Priority = 5 },
            ]).AtTheirTimes(to: 100);
        var result = plan.Run("best-fit");

        result.Placed.ShouldBe(3);
        var all = result.Waiting.Single(figures => figures.Class == "all");
        all.Mean.ShouldBe((0 + 11 + 6) / 3.0, 1e-9);
        all.P99.ShouldBe(11, 1e-9);
        result.Churn!.Allocated.ShouldBe(18, 1e-9); // busy for 18 of 100 seconds
    }

    [Theory]
    [InlineData(true, 9)]
    [InlineData(false, 106)]
    public void With_time_limits_nobody_who_would_delay_the_first_passes_it(bool hasLimits, double wait)
    {
        // Two GPUs. The pair can begin at 10. Five seconds fit in before it; a hundred, from 7 on, would delay it.
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(2)],
            [
                Limited(1, 0, 10), Limited(2, 1, 10), Limited(1, 2, 5), Limited(1, 3, 100),
            ]).AtTheirTimes(to: 1000);
        var waiting = plan.Run("best-fit").Waiting;

        waiting.Single(figures => figures.Class == "2 GPUs").Mean.ShouldBe(wait, 1e-9);

        Scheduler.Simulation.Workloads.WorkloadTask Limited(int gpus, double at, double seconds) =>
            SimulationPlans.Task(gpus, at: at, seconds: seconds)
                with { LimitSeconds = hasLimits ? seconds : double.PositiveInfinity };
    }

    [Fact]
    public void Without_a_queue_who_finds_no_room_is_dropped()
    {
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(1)],
            [
                SimulationPlans.Task(1, at: 0, seconds: 10),
                SimulationPlans.Task(1, at: 2, seconds: 5),
                SimulationPlans.Task(1, at: 12, seconds: 5),
            ]).AtTheirTimes(to: 100, queues: false);
        var result = plan.Run("best-fit");

        (result.Placed, result.Waiting.Count).ShouldBe((2, 0));
        result.Churn!.RejectedDemand.ShouldBe(100 / 3.0, 1e-9);
        result.Churn.Allocated.ShouldBe(15, 1e-9);
    }

    [Fact]
    public void Who_still_waits_in_the_end_counts_with_what_it_has_waited()
    {
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(1)],
            [SimulationPlans.Task(1, at: 0, seconds: 1000), SimulationPlans.Task(1, at: 40, seconds: 5)])
            .AtTheirTimes(to: 100);
        var all = plan.Run("best-fit").Waiting[0];

        (all.Tasks, all.Unplaced, all.P99).ShouldBe((2, 1, 60));
    }

    [Fact]
    public void One_server_with_random_arrivals_has_the_waiting_time_that_theory_says()
    {
        // M/M/1 with a load of 0.5: the mean wait is load / (1 - load) services.
        var plan = SimulationPlans.Of([SimulationPlans.Host(1)], [SimulationPlans.Task(1)]);
        plan = plan with
        {
            Timed = new TimedPlan(
                random => TimedArrivals.Churn(plan.Tasks, plan.CapacityMilli, 0.5, 1, 100_000, random),
                100, 100_000, 1, Queues: true),
        };
        var result = plan.Run("fgd");

        result.Waiting[0].Mean.ShouldBe(1, 0.07);
        result.Churn!.Allocated.ShouldBe(50, 1.5);
    }

    [Theory]
    [InlineData(0.5, 49.2, 1.2, 0, 0)] // 0.8 less than offered: the cluster has not filled whole after the warm-up
    [InlineData(1.1, 94.87, 0.5, 14.04, 1)]
    public void Churn_of_the_trace_fills_the_cluster_as_published(
        double load, double allocated, double within, double rejected, double rejectedWithin)
    {
        var plan = SimulationPlans.Openb("default");
        plan = plan with
        {
            Timed = new TimedPlan(
                random => TimedArrivals.Churn(plan.Tasks, plan.CapacityMilli, load, 1, 7.5, random),
                2.5, 7.5, 1, false),
        };
        var result = plan.Run("fgd");

        result.Churn!.Allocated.ShouldBe(allocated, within);
        result.Churn.RejectedDemand.ShouldBe(rejected, rejectedWithin + 1e-9);
    }
}
