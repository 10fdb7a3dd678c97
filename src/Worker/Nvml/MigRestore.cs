namespace GpuActors.Worker.Nvml;

/// <summary>What became of one recorded layout.</summary>
/// <param name="Record">The record.</param>
/// <param name="Applied">What was done; null if the GPU does not have the layout.</param>
/// <param name="Reason">Why it does not; null if it has.</param>
internal sealed record MigRestored(MigRecord Record, MigApplied? Applied, string? Reason);

/// <summary>
/// Gives GPUs their recorded layouts back after a reboot: MIG mode where it was lost too (drivers for Hopper and later
/// don't keep it), then the instances. It must run before the process first asks OpenCL for devices, which looks once.
/// </summary>
internal static class MigRestore
{
    /// <summary>Every record with what became of it; a GPU that can't be restored keeps no other from it.</summary>
    public static IReadOnlyList<MigRestored> Run(NvmlLibrary nvml, IReadOnlyList<MigRecord> records) =>
        [.. records.Select(record => Restore(nvml, record))];

    private static MigRestored Restore(NvmlLibrary nvml, MigRecord record)
    {
        try
        {
            // A GPU that has instances is in the mode: only an empty one is ever switched here.
            new MigMode(nvml).SetNow(record.Uuid, enabled: true);
            return new MigRestored(record, new MigLayout(nvml).Apply(record.Uuid, record.Slices), null);
        }
        catch (Exception e) when (e is NvmlException or MigLayoutException)
        {
            return new MigRestored(record, null, e.Message);
        }
    }
}
