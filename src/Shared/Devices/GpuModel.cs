using System.IO.Enumeration;

namespace GpuActors.Shared.Devices;

/// <summary>A kind of GPU and what it can be cut into.</summary>
public sealed record GpuModel
{
    /// <summary>The model that matches all devices.</summary>
    public const string GenericName = "generic";

    /// <summary>As operators and requests name it: <c>A100-SXM4-40GB</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Who makes it.</summary>
    public required string Vendor { get; init; }

    /// <summary>Patterns (<c>*</c>, <c>?</c>) for the names under which drivers present it.</summary>
    public required IReadOnlyList<string> Drivers { get; init; }

    /// <summary>Frame buffer in bytes; null: what the device says.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Compute units (NVIDIA: streaming multiprocessors); null: what the device says.</summary>
    public int? ComputeUnits { get; init; }

    /// <summary>CUDA compute capability; null where there is none.</summary>
    public Version? ComputeCapability { get; init; }

    /// <summary>SR-IOV virtual functions; 0: it has none.</summary>
    public int Functions { get; init; }

    /// <summary>MIG profiles on the line of memory slices; null: it has no MIG.</summary>
    public MemoryLine? Mig { get; init; }

    /// <summary>Time-sliced vGPU types; null: it has none.</summary>
    public VgpuTypes? Vgpu { get; init; }

    /// <summary>Whether a driver's name for a device is one of this model's.</summary>
    public bool Matches(string deviceName) =>
        deviceName.Equals(Name, StringComparison.OrdinalIgnoreCase)
        || Drivers.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, deviceName));

    /// <summary>The profile of that name; null if the model has none. Case does not matter.</summary>
    public SliceProfile? FindProfile(string name) =>
        Mig?.Profiles.FirstOrDefault(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? Vgpu?.Find(name);

    /// <summary>Whether a device of this model can be divided like that at all.</summary>
    public bool Supports(GpuMode mode) => mode switch
    {
        GpuMode.Sriov => Functions > 0,
        GpuMode.Vgpu => Vgpu is not null,
        GpuMode.VgpuMixed => Vgpu?.Mixed is not null,
        GpuMode.Mig => Mig is not null,
        _ => true,
    };

    /// <summary>Any device that no other model describes.</summary>
    public bool IsGeneric => Name == GenericName;

    /// <summary>Who makes it; the generic model's device says that itself.</summary>
    public string VendorOr(string deviceVendor) => IsGeneric ? deviceVendor : Vendor;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>The time-sliced vGPU types of a model.</summary>
public sealed record VgpuTypes
{
    /// <summary>What their names begin with: <c>A100</c> of <c>A100-10C</c>.</summary>
    public required string Board { get; init; }

    /// <summary>All types, the largest first.</summary>
    public required IReadOnlyList<SliceProfile> Types { get; init; }

    /// <summary>The line on which types of different sizes lie beside each other; null: all must be equal.</summary>
    public MemoryLine? Mixed { get; init; }

    /// <summary>Whether it is one of these types, or has the name of one.</summary>
    public bool Contains(SliceProfile type)
    {
        for (var i = 0; i < Types.Count; i++)
        {
            if (ReferenceEquals(Types[i], type))
            {
                return true;
            }
        }

        return Find(type.Name) is not null;
    }

    /// <summary>The type of that name; null if there is none.</summary>
    public SliceProfile? Find(string name) =>
        Types.FirstOrDefault(type => type.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
