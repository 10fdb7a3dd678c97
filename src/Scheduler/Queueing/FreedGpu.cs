using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <summary>A device of which something was freed, and what of it is free now.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Gpu">The device.</param>
/// <param name="MemoryFree">Free memory in bytes.</param>
/// <param name="ComputeFree">Compute that nobody has reserved, in percent.</param>
/// <param name="IsEmpty">Nothing is on it.</param>
public sealed record FreedGpu(string Host, GpuInventory Gpu, long MemoryFree, int ComputeFree, bool IsEmpty)
{
    /// <summary><c>HOST/INDEX</c>.</summary>
    public string Name => $"{Host}/{Gpu.Index}";

    /// <summary>The same when slices on it have been given away.</summary>
    public FreedGpu Without(SliceGrant slice) => this with
    {
        MemoryFree = slice.Whole ? 0 : Math.Max(0, MemoryFree - slice.MemoryBytes),
        ComputeFree = slice.Whole ? 0 : Math.Max(0, ComputeFree - slice.ComputePercent),
        IsEmpty = false,
    };
}
