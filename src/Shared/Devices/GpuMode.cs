using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace GpuActors.Shared.Devices;

/// <summary>How one GPU is divided at present.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GpuMode>))]
public enum GpuMode
{
    /// <summary>One session owns the device; nothing else touches it.</summary>
    [JsonStringEnumMemberName("passthrough")]
    Passthrough,

    /// <summary>Plain fractions: a limit of memory each, and a weighted share of the compute.</summary>
    [JsonStringEnumMemberName("shared")]
    Shared,

    /// <summary>SR-IOV virtual functions, all equal, each a device of its own.</summary>
    [JsonStringEnumMemberName("sriov")]
    Sriov,

    /// <summary>Time-sliced vGPUs of one size.</summary>
    [JsonStringEnumMemberName("vgpu")]
    Vgpu,

    /// <summary>Time-sliced vGPUs of several sizes, at placement ids.</summary>
    [JsonStringEnumMemberName("vgpu-mixed")]
    VgpuMixed,

    /// <summary>MIG: slices with compute units and memory of their own.</summary>
    [JsonStringEnumMemberName("mig")]
    Mig,
}

/// <summary>Modes by the names that settings and people use.</summary>
public static class GpuModes
{
    private static readonly string[] Names = ["passthrough", "shared", "sriov", "vgpu", "vgpu-mixed", "mig"];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>The name of a mode.</summary>
    public static string NameOf(GpuMode mode) => Names[(int)mode];

    /// <summary>Reads a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out GpuMode mode)
    {
        var index = name is null ? -1 : Array.IndexOf(Names, name);
        mode = (GpuMode)Math.Max(index, 0);
        return index >= 0;
    }
}
