using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Report;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>
/// A run in which nothing departs: tasks arrive one at a time, and each is placed at once or dropped for good. This is
/// the protocol of the openb experiments.
/// </summary>
internal static class ArrivalRun
{
    private const double PercentPerColumn = 2;

    public static RunResult Run(
        RunPlan plan, string policy, long seed, RunProgress.RunReporter reporter, bool wantsHeat)
    {
        var cluster = new SimulatedCluster(plan, policy, seed);
        var arrivals = ArrivalsOf(plan, seed);
        var levels = new LevelRecorder();
        var heat = wantsHeat ? new HeatMapRecorder(plan.Hosts, cluster.Ranks, PercentPerColumn) : null;
        var capacity = plan.CapacityMilli;
        long demand = 0;
        var rejected = 0;
        for (var i = 0; i < arrivals.Length; i++)
        {
            var task = arrivals[i];
            cluster.Observe(task);
            rejected += cluster.TryPlace(task, [], out _) ? 0 : 1;
            demand += plan.Tasks[task].Request.DemandMilli;
            var arrived = 100.0 * demand / capacity;
            levels.Add(new LevelSample(
                arrived, cluster.AllocatedPercent, cluster.FragmentedPercent, rejected, cluster.Moves));
            heat?.Reach(arrived, cluster.State);
            reporter.Report((i + 1.0) / arrivals.Length);
        }

        return new RunResult
        {
            Policy = policy,
            Seed = seed,
            Levels = levels.Read(),
            Placed = arrivals.Length - rejected,
            AllocatedMilli = cluster.State.GpuMilli - cluster.State.GpuFreeMilli,
            Decisions = cluster.Decisions,
            DecisionTime = cluster.DecisionTime,
            Heat = heat?.Read(),
        };
    }

    private static int[] ArrivalsOf(RunPlan plan, long seed)
    {
        var list = new ArrivalList(
            [.. plan.Tasks.Select(task => task.Request.GpuMilli)],
            [.. plan.Tasks.Select(task => (long)task.Request.DemandMilli)],
            plan.CapacityMilli);
        return list.Make(plan.Order, new SeededRandom(seed, SimulatedCluster.ArrivalStream), plan.Ratio);
    }
}
