using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Sharing;

/// <summary>Tells what the sessions of this host use; metrics and reports to the scheduler read it.</summary>
public interface ISliceUsageSource
{
    /// <summary>
    /// The newest numbers of every session that runs now, one for each slice; an ended session is not in it.
    /// May be called from any thread, often, and doesn't wait for a device or an executor.
    /// </summary>
    IReadOnlyList<SliceUsage> ReadAll();
}
