using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Nvml;

/// <summary>A NVIDIA GPU as its driver describes it.</summary>
/// <param name="Uuid"><c>GPU-…</c>: the card's own, the same after a reboot and in another slot.</param>
/// <param name="Name">Marketing name: <c>NVIDIA A100-SXM4-40GB</c>.</param>
/// <param name="Pci">Where it sits on the PCI bus.</param>
/// <param name="MemoryBytes">All of its memory, that of the driver included.</param>
/// <param name="ComputeCapability">CUDA compute capability, such as 8.0.</param>
/// <param name="DriverVersion">The driver's version, such as <c>550.90.07</c>.</param>
/// <param name="NumaNode">NUMA node that it is attached to; null if not known.</param>
/// <param name="Mig">Its MIG state; null where it has no MIG.</param>
public sealed record NvidiaGpu(
    string Uuid,
    string Name,
    PciAddress Pci,
    long MemoryBytes,
    Version ComputeCapability,
    string DriverVersion,
    int? NumaNode,
    MigState? Mig);

/// <summary>MIG on one GPU.</summary>
/// <param name="Enabled">The mode that it is in.</param>
/// <param name="Pending">The mode that it will be in after a reset.</param>
/// <param name="Instances">Its GPU instances; null if the process may not see them.</param>
/// <param name="Devices">What can be opened on it.</param>
public sealed record MigState(
    bool Enabled, bool Pending, IReadOnlyList<GpuInstance>? Instances, IReadOnlyList<MigDevice> Devices)
{
    /// <summary>The mode has been changed, and a reset of the GPU must make it so.</summary>
    public bool IsResetPending => Enabled != Pending;

    /// <summary>This process may cut the GPU, as far as is known before it is tried.</summary>
    public bool CanBeCut => !Enabled || Instances is not null;
}

/// <summary>A GPU instance: memory slices with compute slices and engines.</summary>
/// <param name="Id">Its number on the GPU; given anew when it is made anew.</param>
/// <param name="ProfileId">The driver's number of its profile.</param>
/// <param name="Start">First memory slice.</param>
/// <param name="Size">Memory slices.</param>
/// <param name="Compute">Its compute instances.</param>
public sealed record GpuInstance(
    uint Id, int ProfileId, int Start, int Size, IReadOnlyList<ComputeInstance> Compute);

/// <summary>A compute instance within a GPU instance.</summary>
/// <param name="Id">Its number in the GPU instance.</param>
/// <param name="Slices">Compute slices that it has.</param>
public sealed record ComputeInstance(uint Id, int Slices);

/// <summary>A compute instance as CUDA and OpenCL open it.</summary>
/// <param name="Uuid"><c>MIG-…</c>, as <c>CUDA_VISIBLE_DEVICES</c> takes it.</param>
/// <param name="GpuInstance">Number of the GPU instance.</param>
/// <param name="ComputeInstance">Number of the compute instance in it.</param>
public sealed record MigDevice(string Uuid, uint GpuInstance, uint ComputeInstance);

/// <summary>A place where a profile may lie.</summary>
/// <param name="Start">First memory slice.</param>
/// <param name="Size">Memory slices.</param>
public readonly record struct MigPlace(int Start, int Size)
{
    /// <summary>Whether the two have a memory slice in common.</summary>
    public bool Overlaps(MigPlace other) => Start < other.Start + other.Size && other.Start < Start + Size;
}

/// <summary>A GPU instance profile as the card has it.</summary>
/// <param name="Id">The driver's number.</param>
/// <param name="Name">Its name, such as <c>3g.20gb</c>; null where an old driver does not tell.</param>
/// <param name="Slices">Compute slices.</param>
/// <param name="Max">Most instances on an otherwise empty GPU.</param>
/// <param name="OpticalFlow">Optical flow engines: what only a <c>+me</c> profile and the whole GPU have.</param>
/// <param name="Places">Where it may lie.</param>
public sealed record MigProfile(
    int Id, string? Name, int Slices, int Max, int OpticalFlow, IReadOnlyList<MigPlace> Places);
