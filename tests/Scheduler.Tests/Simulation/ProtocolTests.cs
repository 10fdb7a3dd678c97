using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Tests.Simulation;

/// <summary>Runs in which nothing departs.</summary>
public sealed class ProtocolTests
{
    private const double Tolerance = 0.3;
    private static readonly int[] Seeds = [42, 43, 44];

    [Fact]
    public void Levels_of_a_tiny_run_are_as_worked_out_by_hand()
    {
        // Four GPUs, two on each host. The pair finds no room, since each host has one task by then.
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(2), SimulationPlans.Host(2)],
            [SimulationPlans.Task(1), SimulationPlans.Task(1), SimulationPlans.Task(2), SimulationPlans.Task(1, 500)]);
        plan = plan with { Order = Scheduler.Simulation.Arrivals.ArrivalOrder.File, RanksHosts = false };
        var result = plan.Run("spread");

        result.Levels.Select(level => (level.At, level.Allocated, level.Rejected)).ShouldBe([
            (25, 25, 0), (50, 50, 0), (100, 50, 1), (112, 62.5, 1),
        ]);
        result.Placed.ShouldBe(3);
        result.AllocatedMilli.ShouldBe(2500);
    }

    [Theory]
    [InlineData(0, 2, 0)]
    [InlineData(1, 3, 1)]
    public void A_task_without_room_may_move_others_if_that_is_allowed(int moves, int placed, int moved)
    {
        // Half of each GPU is taken, since tasks are spread; a whole one is free once both halves are on one.
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(1), SimulationPlans.Host(1)],
            [SimulationPlans.Task(1, 500), SimulationPlans.Task(1, 500), SimulationPlans.Task(1)]);
        var result = (plan with
        {
            Order = Scheduler.Simulation.Arrivals.ArrivalOrder.File,
            RanksHosts = false,
            MovesLimit = moves,
        }).Run("spread");

        result.Placed.ShouldBe(placed);
        result.Levels[^1].Moves.ShouldBe(moved);
        result.AllocatedMilli.ShouldBe(moves == 0 ? 1000 : 2000);
    }

    [Fact]
    public void Moved_tasks_depart_from_where_they_went()
    {
        var plan = SimulationPlans.Of(
            [SimulationPlans.Host(1), SimulationPlans.Host(1)],
            [
                SimulationPlans.Task(1, 500, at: 0, seconds: 10), SimulationPlans.Task(1, 500, at: 0, seconds: 10),
                SimulationPlans.Task(1, at: 1, seconds: 10), SimulationPlans.Task(1, at: 10.5, seconds: 10),
            ]).AtTheirTimes(to: 100, queues: false) with { MovesLimit = 1 };
        var result = plan.Run("spread");

        (result.Placed, result.AllocatedMilli).ShouldBe((4, 0));
        result.Churn!.MovesPer100Arrivals.ShouldBe(25);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        var plan = SimulationPlans.Openb("default") with { Ratio = 1 };
        var first = plan.Run("random", 5);

        plan.Run("random", 5).Levels.ShouldBe(first.Levels);
        plan.Run("random", 6).Levels.ShouldNotBe(first.Levels);
    }

    [Theory]
    [InlineData("cycled", "packing", 8046, 5_558_590)]
    [InlineData("file", "clustering", 7489, 5_502_550)]
    public void Runs_in_the_file_s_order_reach_the_published_check_values(
        string order, string policy, int placed, long allocated)
    {
        var plan = SimulationPlans.Openb("default") with
        {
            Order = Enum.Parse<Scheduler.Simulation.Arrivals.ArrivalOrder>(order, ignoreCase: true),
            RanksHosts = false,
        };
        var result = plan.Run(policy);

        (result.Placed, result.AllocatedMilli).ShouldBe((placed, allocated));
    }

    [Theory]
    [InlineData("default", "random", 86.30, 87.47, 13.49)]
    [InlineData("default", "dot-prod", 90.62, 90.85, 9.30)]
    [InlineData("default", "clustering", 91.65, 91.88, 8.21)]
    [InlineData("default", "packing", 91.78, 92.00, 8.13)]
    [InlineData("default", "best-fit", 92.86, 93.08, 7.05)]
    [InlineData("default", "fgd", 95.23, 95.39, 4.73)]
    [InlineData("gpuspec33", "fgd", 87.84, null, null)]
    [InlineData("gpushare60", "fgd", 91.25, null, null)]
    public void Policies_come_to_the_published_means(
        string pods, string policy, double allocated, double? allocatedInTheEnd, double? fragmented)
    {
        var plan = SimulationPlans.Openb(pods);
        var runs = RunSweep.Run(
            [.. Seeds.Select(seed => (Func<CancellationToken, RunResult>)(_ => plan.Run(policy, seed)))],
            Environment.ProcessorCount,
            CancellationToken.None);

        Mean(runs, 100, level => level.Allocated).ShouldBe(allocated, Tolerance);
        if (allocatedInTheEnd is { } inTheEnd)
        {
            Mean(runs, 130, level => level.Allocated).ShouldBe(inTheEnd, Tolerance);
        }

        if (fragmented is { } lost)
        {
            Mean(runs, 100, level => level.Fragmented).ShouldBe(lost, Tolerance);
        }
    }

    private static double Mean(RunResult[] runs, int at, Func<LevelFigures, double> figure) =>
        runs.Average(run => figure(run.Levels.Single(level => (int)level.At == at)));
}
