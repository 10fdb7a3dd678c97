using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Workloads;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>What all runs of a simulation have in common. Runs read it from several threads at once.</summary>
public sealed record RunPlan
{
    /// <summary>The hosts, in the order of their file.</summary>
    public required IReadOnlyList<HostSpec> Hosts { get; init; }

    /// <summary>The tasks, in the order of their file.</summary>
    public required IReadOnlyList<WorkloadTask> Tasks { get; init; }

    /// <summary>The tasks that a policy may expect, and by which fragmentation is measured.</summary>
    public required TargetWorkload Target { get; init; }

    /// <summary>How decisions are timed.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Hosts get random ranks, by which ties are decided; otherwise the order of the file decides.</summary>
    public bool RanksHosts { get; init; } = true;

    /// <summary>The most moves that a rejected task may cause.</summary>
    public int MovesLimit { get; init; }

    /// <summary>The most moves for each 100 arrivals; what 100 allow and do not need, later ones may use.</summary>
    public double MovesPer100Arrivals { get; init; } = double.PositiveInfinity;

    /// <summary>Which list of arrivals, where nothing departs.</summary>
    public ArrivalOrder Order { get; init; }

    /// <summary>Where nothing departs: demand of all arrivals as a multiple of the GPUs.</summary>
    public double Ratio { get; init; } = ArrivalList.DefaultRatio;

    /// <summary>Tasks that come and go; null: nothing departs.</summary>
    public TimedPlan? Timed { get; init; }

    /// <summary>Thousandths of GPUs that there are.</summary>
    public long CapacityMilli => Hosts.Sum(host => (long)host.GpuCount) * ClusterState.WholeMilli;

    /// <summary>One run of a policy with a seed.</summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="seed">Decides all that is random.</param>
    /// <param name="reporter">Hears how far it is, and may end it.</param>
    /// <param name="wantsHeat">Records how full each part of the cluster was.</param>
    public RunResult Run(string policy, long seed, RunProgress.RunReporter reporter, bool wantsHeat = false)
    {
        var result = Timed is null
            ? ArrivalRun.Run(this, policy, seed, reporter, wantsHeat)
            : TimedRun.Run(this, policy, seed, reporter, wantsHeat);
        reporter.End();
        return result;
    }
}

/// <summary>How tasks come and go.</summary>
/// <param name="Arrivals">Makes a seed's arrivals.</param>
/// <param name="From">When measuring begins, in seconds.</param>
/// <param name="To">When the run ends.</param>
/// <param name="Unit">What the report's times are counted in, in seconds.</param>
/// <param name="Queues">Who finds no room waits; otherwise it is dropped.</param>
public sealed record TimedPlan(
    Func<SeededRandom, Arrival[]> Arrivals, double From, double To, double Unit, bool Queues)
{
    /// <summary>How the queue weighs order against use.</summary>
    public QueuePolicy Queue { get; init; } = new();
}
