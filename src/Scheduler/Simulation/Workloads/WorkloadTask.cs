using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Simulation.Traces;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Simulation.Workloads;

/// <summary>A task of a workload, or what many tasks of it are like.</summary>
/// <param name="Request">What it asks for.</param>
public sealed record WorkloadTask(PlacementRequest Request)
{
    /// <summary>The class of tasks without GPUs.</summary>
    public const string CpuOnly = "CPU only";

    /// <summary>The class of tasks with a part of one GPU.</summary>
    public const string Share = "share";

    /// <summary>When it arrives, in seconds; null if it comes at a rate, or nothing is known.</summary>
    public double? ArrivalSeconds { get; init; }

    /// <summary>How many like it arrive in an hour, at random; null if it comes once.</summary>
    public double? PerHour { get; init; }

    /// <summary>
    /// How long it runs once it is placed, in seconds; if it is drawn, the mean. Null if nothing is known.
    /// </summary>
    public double? DurationSeconds { get; init; }

    /// <summary>Durations are drawn, exponentially distributed, each time.</summary>
    public bool IsDurationDrawn { get; init; }

    /// <summary>It is ended after so long, in seconds.</summary>
    public double LimitSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Higher is served first.</summary>
    public int Priority { get; init; }

    /// <summary>Normal, or one that uses what nobody else wants: it waits for all normal ones.</summary>
    public JobClass Service { get; init; }

    /// <summary>Whose it is.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>
    /// What waiting times are told apart by: <c>CPU only</c>, <c>share</c>, <c>1 GPU</c>, <c>8 GPUs</c>.
    /// </summary>
    public string Class { get; } = Request switch
    {
        { GpuCount: 0 } => CpuOnly,
        { GpuCount: 1, GpuMilli: < 1000 } => Share,
        { GpuCount: 1 } => "1 GPU",
        _ => $"{Request.GpuCount} GPUs",
    };

    /// <summary>A task of a trace.</summary>
    public static WorkloadTask Of(TraceTask task) => new(task.Request)
    {
        ArrivalSeconds = task.CreatedSeconds,
        DurationSeconds = task is { CreatedSeconds: { } from, DeletedSeconds: { } to } ? Math.Max(0, to - from) : null,
    };
}
