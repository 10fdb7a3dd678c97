namespace GpuActors.Shared.Devices;

/// <summary>How a profile is enforced.</summary>
public enum SliceKind
{
    /// <summary>Compute units and memory of its own; runs beside the others.</summary>
    Mig,

    /// <summary>Memory of its own; takes turns with the others on all compute units.</summary>
    Vgpu,
}

/// <summary>Fixed-function engines of a MIG profile, in numbers.</summary>
public readonly record struct MigEngines(int Copy, int Decode, int Jpeg, int OpticalFlow);

/// <summary>A named slice shape of one GPU model.</summary>
public sealed record SliceProfile
{
    private const string MediaExtension = "+me";

    /// <summary>As users ask for it: <c>3g.20gb</c>, <c>A100-10C</c>.</summary>
    public required string Name
    {
        get;
        init
        {
            field = value;
            HasMediaEngines = value.Contains(MediaExtension, StringComparison.Ordinal);
        }
    }

    /// <summary>It takes media engines (<c>1g.10gb+me</c>), of which a GPU has one set to give.</summary>
    public bool HasMediaEngines { get; private init; }

    /// <summary>How it is enforced.</summary>
    public required SliceKind Kind { get; init; }

    /// <summary>The driver's number of a MIG profile; 0 for vGPU types.</summary>
    public int Id { get; init; }

    /// <summary>Length on the model's memory line; 0: it has no place there, and serves GPUs of equal slices only.</summary>
    public int Size { get; init; }

    /// <summary>Where on the line it may begin, ascending.</summary>
    public IReadOnlyList<int> Starts { get; init; } = [];

    /// <summary>How many there may be on one GPU; of a vGPU type where all are of it.</summary>
    public required int Max { get; init; }

    /// <summary>Frame buffer in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Compute slices, 1 to 7; 0 for vGPU types.</summary>
    public int ComputeSlices { get; init; }

    /// <summary>Compute units of its own; 0 for vGPU types, which use all in turns.</summary>
    public int ComputeUnits { get; init; }

    /// <summary>Engines of its own; none for vGPU types.</summary>
    public MigEngines Engines { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
