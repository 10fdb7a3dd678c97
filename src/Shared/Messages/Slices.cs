using System.Text.Json.Serialization;
using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Messages;

/// <summary>
/// The part of one GPU that one attempt owns. <paramref name="Name"/> is <c>HOST/INDEX/sN</c>;
/// <paramref name="Epoch"/> is the reservation's: a worker refuses one older than it has seen for that slice.
/// </summary>
/// <param name="Name">The slice's name, <c>HOST/INDEX/sN</c>.</param>
/// <param name="Host">The host's name.</param>
/// <param name="GpuIndex">The device's index on its host.</param>
/// <param name="MemoryBytes">Device memory that the slice may allocate.</param>
/// <param name="ComputePercent">Share of the device's compute, 1 to 100.</param>
/// <param name="Whole">The slice is the whole device and shares it with nobody.</param>
/// <param name="HostLease">Number of the host's lease under which it was granted; 0 if not known. When the host is lost
/// and comes back it has a newer one, and what was granted under the older does not start any more.</param>
/// <param name="Mode">The mode that the GPU is in because of it; null in what was written before there were modes.</param>
/// <param name="Profile">Name of its profile; null for the whole device, a function and a fraction.</param>
/// <param name="Start">Where it begins on the model's memory line; -1 if it has no place there.</param>
/// <param name="ComputeUnits">Its own compute units, by the model; 0: all, in turns or alone.</param>
/// <param name="Shares">Of a fraction: its part of what nobody has reserved, among those that have work.</param>
/// <param name="LimitPercent">Of a fraction: most compute that it gets although nobody else wants it.</param>
public sealed record SliceGrant(
    string Name,
    string Host,
    int GpuIndex,
    long MemoryBytes,
    int ComputePercent,
    bool Whole,
    long HostLease = 0,
    GpuMode? Mode = null,
    string? Profile = null,
    int Start = -1,
    int ComputeUnits = 0,
    ShareLevel Shares = ShareLevel.Normal,
    int LimitPercent = 100)
{
    /// <summary>The mode, also of what was written before there were modes.</summary>
    [JsonIgnore]
    public GpuMode ModeOrDefault => Mode ?? (Whole ? GpuMode.Passthrough : GpuMode.Shared);
}

/// <summary>One device as its worker found it.</summary>
/// <param name="Index">Index on the host, from 0.</param>
/// <param name="Model">Model name, as the device presents itself.</param>
/// <param name="Vendor">Vendor, as the driver says.</param>
/// <param name="Driver">Driver version.</param>
/// <param name="Kind"><c>gpu</c>, <c>cpu</c> or <c>accelerator</c>.</param>
/// <param name="MemoryBytes">Device memory.</param>
/// <param name="ComputeUnits">Compute units, those of the model if it presents as one.</param>
/// <param name="DeviceName">Its own name where it presents as another model; null: <paramref name="Model"/>.</param>
/// <param name="Modes">Modes that it may be in, the preferred ones first; null: passthrough and shared.</param>
/// <param name="Mode">The mode that its worker's settings want it to be in; null: whichever is needed
/// (<c>mode = auto</c>).</param>
/// <param name="ComputeCapability">CUDA compute capability, <c>8.0</c>; null where there is none.</param>
/// <param name="NumaNode">NUMA node that it is attached to; null if not known.</param>
/// <param name="Rdma">Its memory can be read and written by network adapters.</param>
/// <param name="NvLinkGroup">Number of the group of the host's GPUs that NVLink connects it with; null if not known.</param>
public sealed record GpuInventory(
    int Index,
    string Model,
    string Vendor,
    string Driver,
    string Kind,
    long MemoryBytes,
    int ComputeUnits,
    string? DeviceName = null,
    GpuMode[]? Modes = null,
    GpuMode? Mode = null,
    string? ComputeCapability = null,
    int? NumaNode = null,
    bool Rdma = false,
    int? NvLinkGroup = null);

/// <summary>An attempt that a worker runs, or has ended without having been acknowledged yet.</summary>
public sealed record HeldAttempt(string Session, long Epoch);
