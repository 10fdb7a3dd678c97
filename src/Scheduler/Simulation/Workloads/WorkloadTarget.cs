using GpuActors.Scheduler.Placement.Policies;

namespace GpuActors.Scheduler.Simulation.Workloads;

/// <summary>What a policy may expect of a workload: its classes, the more often the more they arrive.</summary>
public static class WorkloadTarget
{
    /// <summary>Of tasks that come once each, or at rates.</summary>
    public static TargetWorkload Of(IReadOnlyList<WorkloadTask> tasks) => TargetWorkload.OfCounts(
        tasks.GroupBy(task => task.Request with { HostMemoryMib = 0 }, task => task.PerHour ?? 1)
            .Select(group => (group.Key, group.Sum())));
}
