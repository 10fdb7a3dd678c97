using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Runs;
using GpuActors.Scheduler.Simulation.Workloads;
using GpuActors.Scheduler.Tests.Placement;

namespace GpuActors.Scheduler.Tests.Simulation;

/// <summary>Plans of runs, from the trace and of a few tasks.</summary>
internal static class SimulationPlans
{
    /// <summary>The published trace and one of its variants.</summary>
    public static RunPlan Openb(string pods)
    {
        var hosts = OpenbFiles.Nodes.Select(node => node.Spec).ToArray();
        var tasks = OpenbFiles.Tasks(pods).Select(WorkloadTask.Of).ToArray();
        return Of(hosts, tasks);
    }

    public static RunPlan Of(IReadOnlyList<HostSpec> hosts, IReadOnlyList<WorkloadTask> tasks) => new()
    {
        Hosts = hosts,
        Tasks = tasks,
        Target = WorkloadTarget.Of(tasks),
        Time = TimeProvider.System,
    };

    public static HostSpec Host(int gpus) => new(1_000_000, 1_000_000, gpus, "T4");

    public static WorkloadTask Task(int gpus, int milli = 1000, double? at = null, double? seconds = null) =>
        new(new PlacementRequest { CpuMilli = 1000, HostMemoryMib = 1024, GpuCount = gpus, GpuMilli = milli })
        {
            ArrivalSeconds = at,
            DurationSeconds = seconds,
        };

    public static RunResult Run(this RunPlan plan, string policy, long seed = 42) =>
        plan.Run(policy, seed, new RunProgress(policy, 1).Begin(CancellationToken.None));

    /// <summary>The tasks' own times, to the end of the last one's second.</summary>
    public static RunPlan AtTheirTimes(this RunPlan plan, double to, bool queues = true) => plan with
    {
        RanksHosts = false,
        Timed = new TimedPlan(random => TimedArrivals.Scheduled(plan.Tasks, 1, to, random), 0, to, 1, queues),
    };
}
