namespace GpuActors.Worker.Nvml;

/// <summary>The MIG slices of a GPU that this worker cuts, as far as it knows.</summary>
/// <param name="uuid">The GPU.</param>
/// <param name="name">Its name.</param>
internal sealed class MigGpuSlices(string uuid, string name)
{
    /// <summary>The GPU.</summary>
    public string Uuid { get; } = uuid;

    /// <summary>Slices that attempts have.</summary>
    public List<MigSlice> Held { get; } = [];

    /// <summary>Restored, and nobody's: they stay for whoever wants the same slice, until they are in the way.</summary>
    public List<MigSlice> Spare { get; init; } = [];

    /// <summary>Given back, but the driver had them in use: to be taken away.</summary>
    public List<MigSlice> Stuck { get; } = [];

    /// <summary>A layout that could not be restored: recorded until the GPU takes another.</summary>
    public MigRecord? Lost { get; set; }

    /// <summary>What is to be there after a restart of the worker.</summary>
    public MigRecord Record => Lost ?? new MigRecord(Uuid, name, [.. Held, .. Spare]);
}
