using GpuActors.Actors.TestKit;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Simulation.Devices;

/// <summary>
/// The GPUs of simulated hosts, and what is possible on them in the plainest words: what the checks compare the
/// product's decisions with.
/// </summary>
internal static class SimulatedGpus
{
    private const string Divisible = "A100-SXM4-40GB";

    private static readonly GpuMode[][] ModeSets =
    [
        [GpuMode.Passthrough, GpuMode.Shared, GpuMode.Mig, GpuMode.Vgpu, GpuMode.VgpuMixed, GpuMode.Sriov],
        [GpuMode.Mig, GpuMode.VgpuMixed, GpuMode.Shared, GpuMode.Passthrough],
        [GpuMode.Vgpu, GpuMode.Shared],
    ];

    /// <summary>The GPUs of one host: plain ones of one size, or such as present as a model that can be divided.</summary>
    public static GpuInventory[] Draw(SeededRandomSource random)
    {
        var memory = (16L << 30) << random.Next(3);
        return [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => random.Next(2) == 0
            ? new GpuInventory(i, random.Next(3) == 0 ? "T4" : "A100", "simulated", "1", "gpu", memory, 64)
            : new GpuInventory(
                i, Divisible, "simulated", "1", "gpu", ModelOf(Divisible).MemoryBytes!.Value, ModelOf(Divisible).ComputeUnits!.Value,
                "simulated", ModeSets[random.Next(ModeSets.Length)]))];
    }

    /// <summary>Modes that it may be in.</summary>
    public static IReadOnlyList<GpuMode> ModesOf(GpuInventory gpu) => gpu.Modes ?? [GpuMode.Passthrough, GpuMode.Shared];

    /// <summary>Whether it may be in that mode.</summary>
    public static bool Allows(GpuInventory gpu, GpuMode mode) => ModesOf(gpu).Contains(mode);

    /// <summary>Whether two slices have a unit of the memory line in common.</summary>
    public static bool Overlap(GpuInventory gpu, SliceGrant one, SliceGrant other)
    {
        if (one.Start < 0 || other.Start < 0)
        {
            return false;
        }

        var (sizeOfOne, sizeOfOther) = (SizeOf(gpu, one), SizeOf(gpu, other));
        return one.Start < other.Start + sizeOfOther && other.Start < one.Start + sizeOfOne;
    }

    /// <summary>Whether it would hold such a slice if it were empty and so set.</summary>
    public static bool CouldHold(GpuInventory gpu, GpuRequest request, GpuMode? setting)
    {
        var model = ModelOf(gpu.Model);
        var modes = setting is { } set ? [set] : ModesOf(gpu);
        if (!request.MatchesModel(gpu.Model) || (request.Vendor is { } vendor && vendor != model.Vendor))
        {
            return false;
        }

        return request switch
        {
            { Whole: true } => modes.Contains(GpuMode.Passthrough),
            { Function: true } => modes.Contains(GpuMode.Sriov) && model.Functions > 0,
            { Profile: { } name } when name.Contains('-', StringComparison.Ordinal) => model.Vgpu?.Find(name) is not null
                && (modes.Contains(GpuMode.Vgpu) || modes.Contains(GpuMode.VgpuMixed)),
            { Profile: { } name } => modes.Contains(GpuMode.Mig) && model.Mig?.IndexOf(name) >= 0,
            _ => modes.Contains(GpuMode.Shared) && request.ShareOf(gpu.MemoryBytes).MemoryBytes <= gpu.MemoryBytes,
        };
    }

    private static int SizeOf(GpuInventory gpu, SliceGrant slice) => ModelOf(gpu.Model).FindProfile(slice.Profile!)!.Size;

    private static GpuModel ModelOf(string name) =>
        GpuModels.BuiltIn.Find(name) ?? GpuModels.BuiltIn.Recognize(name);
}
