using System.Numerics;

namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>What a task has of one host: all that is needed to give it back.</summary>
/// <param name="Host">The host's number.</param>
/// <param name="Devices">Its GPUs as bits, the host's first GPU lowest.</param>
/// <param name="GpuMilli">Thousandths of each of these GPUs, 1 to 1000; 0 without GPUs.</param>
/// <param name="CpuMilli">CPU in thousandths of a core.</param>
/// <param name="HostMemoryMib">Host memory in MiB.</param>
public readonly record struct PlacedTask(int Host, ulong Devices, int GpuMilli, int CpuMilli, int HostMemoryMib)
{
    /// <summary>Its labels; null: none.</summary>
    public TaskLabels? Labels { get; init; }

    /// <summary>How many GPUs.</summary>
    public int GpuCount => BitOperations.PopCount(Devices);

    /// <summary>Thousandths of a GPU in all.</summary>
    public int DemandMilli => GpuCount * GpuMilli;

    /// <summary>Its kind.</summary>
    public TaskKinds Kind => TaskKind.Of(GpuCount, GpuMilli);
}
