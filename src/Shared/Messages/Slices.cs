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
public sealed record SliceGrant(
    string Name, string Host, int GpuIndex, long MemoryBytes, int ComputePercent, bool Whole, long HostLease = 0);

/// <summary>One device as its worker found it.</summary>
/// <param name="Index">Index on the host, from 0.</param>
/// <param name="Model">Model name, as the device presents itself.</param>
/// <param name="Vendor">Vendor, as the driver says.</param>
/// <param name="Driver">Driver version.</param>
/// <param name="Kind"><c>gpu</c>, <c>cpu</c> or <c>accelerator</c>.</param>
/// <param name="MemoryBytes">Device memory.</param>
/// <param name="ComputeUnits">Compute units.</param>
public sealed record GpuInventory(
    int Index, string Model, string Vendor, string Driver, string Kind, long MemoryBytes, int ComputeUnits);

/// <summary>An attempt that a worker runs, or has ended without having been acknowledged yet.</summary>
public sealed record HeldAttempt(string Session, long Epoch);
