using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement.Requests;

/// <summary>What one task asks of one host.</summary>
public sealed record PlacementRequest
{
    /// <summary>CPU in thousandths of a core.</summary>
    public int CpuMilli { get; init; }

    /// <summary>Host memory in MiB.</summary>
    public int HostMemoryMib { get; init; }

    /// <summary>How many GPUs, all on one host; 0 for none.</summary>
    public int GpuCount { get; init; }

    /// <summary>Thousandths of each GPU, 1 to 1000; 1000: whole devices. 0 without GPUs.</summary>
    public int GpuMilli { get; init; }

    /// <summary>Models that it may be placed on.</summary>
    public ModelSet Models { get; init; } = ModelSet.Any;

    /// <summary>What its GPUs must have in common.</summary>
    public Topology Topology { get; init; }

    /// <summary>
    /// What it asks of each GPU where <see cref="IDeviceRules"/> decide; null where <see cref="GpuMilli"/> does. Then that
    /// is only about how much of a GPU it is, for scores.
    /// </summary>
    public GpuRequest? Device { get; init; }

    /// <summary>Where it must or should go.</summary>
    public PlacementTerms Terms { get; init; } = PlacementTerms.None;

    /// <summary>Its own labels, which the terms of others may name.</summary>
    public TaskLabels Labels { get; init; } = TaskLabels.None;

    /// <summary>Thousandths of a GPU in all.</summary>
    public int DemandMilli => GpuCount * GpuMilli;
}
