using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Runs;
using GpuActors.Scheduler.Simulation.Workloads;

namespace GpuActors.Scheduler.Simulation.Sizing;

/// <summary>What jobs of a workload saw on some hosts, with one seed.</summary>
/// <param name="MeanWait">Mean waiting time in seconds.</param>
/// <param name="P50Wait">Half of them waited at most so long.</param>
/// <param name="P95Wait">95 % of them waited at most so long.</param>
/// <param name="Utilisation">Time average of allocated GPU in percent.</param>
/// <param name="Jobs">How many jobs were measured.</param>
public sealed record ServiceFigures(double MeanWait, double P50Wait, double P95Wait, double Utilisation, double Jobs);

/// <summary>What is wanted of waiting times.</summary>
/// <param name="MeanSeconds">The mean is at most that.</param>
/// <param name="P95Seconds">95 % of the jobs wait at most so long; null: whatever.</param>
public sealed record ServiceGoal(double MeanSeconds, double? P95Seconds)
{
    /// <summary>The figures are as wanted.</summary>
    public bool IsMetBy(ServiceFigures figures) =>
        figures.MeanWait <= MeanSeconds && (P95Seconds is not { } limit || figures.P95Wait <= limit);
}

/// <summary>
/// Tries a workload on hosts: jobs arrive, wait in the scheduler's own queue, run, and leave. The same seed gives the
/// same jobs whatever the hosts are, so that answers for more hosts or less load can be compared.
/// </summary>
public sealed class ServiceTrial
{
    private const double WarmUpDurations = 3;

    private readonly RunPlan _plan;
    private readonly string _policy;
    private readonly QueuePolicy _queue;
    private readonly double? _measuredSeconds;
    private readonly double _jobsWanted;

    /// <summary>Trials of a workload.</summary>
    /// <param name="tasks">Each with a duration, and a time or a rate.</param>
    /// <param name="policy">The placement policy's name.</param>
    /// <param name="measuredSeconds">Simulated time that is measured; null: until so many jobs have arrived.</param>
    /// <param name="jobsWanted">How many, where there is no time.</param>
    /// <param name="time">The clock of decisions.</param>
    /// <param name="queue">How jobs wait; null: as a pool's queue does unless it is told otherwise.</param>
    public ServiceTrial(
        IReadOnlyList<WorkloadTask> tasks,
        string policy,
        double? measuredSeconds,
        double jobsWanted,
        TimeProvider time,
        QueuePolicy? queue = null)
    {
        _plan = new RunPlan
        {
            Hosts = [],
            Tasks = tasks,
            Target = WorkloadTarget.Of(tasks),
            Time = time,
        };
        (_policy, _measuredSeconds, _jobsWanted) = (policy, measuredSeconds, jobsWanted);
        _queue = queue ?? new QueuePolicy();
    }

    /// <summary>The GPUs that the workload keeps busy on average if nobody waits.</summary>
    public double OfferedGpus => _plan.Tasks.Sum(task =>
        task.Request.DemandMilli / 1000.0 * Math.Min(task.DurationSeconds ?? 0, task.LimitSeconds) * PerSecond(task));

    /// <summary>Jobs in an hour.</summary>
    public double JobsPerHour => 3600 * _plan.Tasks.Sum(PerSecond);

    private double Span => Math.Max(1, _plan.Tasks.Max(task => task.ArrivalSeconds ?? 0));

    private bool HasRates => _plan.Tasks.Any(task => task.PerHour is not null);

    /// <summary>Runs it.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="load">Jobs come so many times as fast.</param>
    /// <param name="seed">Decides all that is random.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public ServiceFigures Run(
        IReadOnlyList<HostSpec> hosts, double load, long seed, CancellationToken cancellationToken)
    {
        var (from, to) = Window(load);
        var plan = _plan with
        {
            Hosts = hosts,
            Timed = new TimedPlan(
                random => TimedArrivals.Scheduled(_plan.Tasks, load, to, random), from, to, Unit: 3600, Queues: true)
            {
                Queue = _queue,
            },
        };
        var result = plan.Run(_policy, seed, new RunProgress("", 1).Begin(cancellationToken));
        return result.Waiting is [var all, ..]
            ? new ServiceFigures(all.Mean, all.P50, all.P95, result.Churn!.Allocated, all.Tasks)
            : new ServiceFigures(0, 0, 0, result.Churn!.Allocated, 0);
    }

    /// <summary>What is measured: of rates, once the hosts have filled; of times, all.</summary>
    private (double From, double To) Window(double load)
    {
        if (!HasRates)
        {
            return (0, Span / load);
        }

        var measured = _measuredSeconds ?? (_jobsWanted / (_plan.Tasks.Sum(PerSecond) * load));
        var duration = _plan.Tasks.Average(task => Math.Min(task.DurationSeconds ?? 0, task.LimitSeconds));
        var warmUp = Math.Min(WarmUpDurations * duration, 10 * measured);
        return (warmUp, warmUp + measured);
    }

    private double PerSecond(WorkloadTask task) => task.PerHour / 3600 ?? 1 / Span;
}
