using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Simulation.Runs;
using GpuActors.Scheduler.Simulation.Sizing;

namespace GpuActors.Scheduler.Tests.Simulation;

public sealed class SizingTests
{
    private static readonly HostSpec Eight = SimulationPlans.Host(8);

    [Fact]
    public void The_smallest_number_is_found_wherever_the_search_begins() =>
        Prop.ForAll(Gen.Choose(1, 500).Two().ToArbitrary(), pair =>
        {
            var asked = 0;
            var found = Bisection.Smallest(pair.Item1, 500, number =>
            {
                asked++;
                return number >= pair.Item2;
            });
            return found == pair.Item2 && asked <= 22;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_largest_amount_is_found_to_the_wanted_precision() =>
        Prop.ForAll(Gen.Choose(1, 100_000).Two().ToArbitrary(), pair =>
        {
            var found = Bisection.Largest(pair.Item1, 0.01, amount => amount <= pair.Item2);
            return found <= pair.Item2 && found >= pair.Item2 * 0.98;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_the_limit_can_t_do_is_said() => Bisection.Smallest(1, 10, _ => false).ShouldBeNull();

    [Fact]
    public void Jobs_that_all_come_at_once_need_a_gpu_each_if_nobody_may_wait()
    {
        // 20 whole GPUs at the same time: three hosts of eight. If they may wait for one round, two are enough.
        var tasks = Enumerable.Range(0, 20).Select(_ => SimulationPlans.Task(1, at: 0, seconds: 100))
            .Append(SimulationPlans.Task(1, at: 1000, seconds: 1)).ToArray();
        var trial = new ServiceTrial(tasks, "best-fit", null, 4000, TimeProvider.System);

        Found(trial, new ServiceGoal(0, null)).ShouldBe(3);
        Found(trial, new ServiceGoal(20, null)).ShouldBe(2); // four wait for 100 s: 19 s on average
        Found(trial, new ServiceGoal(20, 50)).ShouldBe(3);
    }

    [Fact]
    public void Hosts_bear_more_load_the_more_of_them_there_are()
    {
        var tasks = new[] { SimulationPlans.Task(1, seconds: 600) with { PerHour = 40, IsDurationDrawn = true } };
        var trial = new ServiceTrial(tasks, "best-fit", null, 2000, TimeProvider.System);
        var search = new SizingSearch(trial, new ServiceGoal(60, null), [42]);

        trial.OfferedGpus.ShouldBe(40 * 600 / 3600.0, 1e-9);
        var one = Load(search, 1);
        var four = Load(search, 4);

        // Never more than all GPUs can do; and large groups of servers are used better (Erlang).
        (one * trial.OfferedGpus).ShouldBeInRange(4, 8);
        (four * trial.OfferedGpus).ShouldBeInRange(4 * one * trial.OfferedGpus, 32.5);
    }

    private static double? Found(ServiceTrial trial, ServiceGoal goal) =>
        new SizingSearch(trial, goal, [42]).HostsForEachSeed(Eight, 1, 100, new RunProgress("", 1)).Single()(default);

    private static double Load(SizingSearch search, int hosts) =>
        search.LoadForEachSeed([.. Enumerable.Repeat(Eight, hosts)], new RunProgress("", 1)).Single()(default)!.Value;
}
