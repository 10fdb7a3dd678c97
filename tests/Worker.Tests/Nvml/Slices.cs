using GpuActors.Shared.Devices;
using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Nvml;

/// <summary>Slices of the models that the fake has, from the data that the scheduler places by.</summary>
internal static class Slices
{
    public static GpuModel ModelOf(string fake) => GpuModels.BuiltIn.Find(fake == "A30" ? "A30" : "A100-SXM4-40GB")!;

    public static MigSlice Of(string fake, string profile, int start) => Of(ModelOf(fake).FindProfile(profile)!, start);

    public static MigSlice Of(SliceProfile profile, int start) => MigSlice.Of(new PlacedSlice(
        0, GpuMode.Mig, profile, start, profile.MemoryBytes, 0, profile.ComputeUnits));

    /// <summary>What the card has, as its driver tells it, with the compute slices of each compute instance.</summary>
    public static (int Profile, int Start, string Compute)[] There(NvmlLibrary nvml, string uuid) =>
    [
        .. MigCard.Read(nvml, nvml.DeviceOf(uuid)).Instances.Select(there => (
            there.ProfileId, there.Start, string.Join('+', there.Compute.Select(compute => compute.Slices)))),
    ];

    /// <summary>What it should have.</summary>
    public static (int Profile, int Start, string Compute)[] Expected(string fake, IEnumerable<MigSlice> wanted) =>
    [
        .. wanted.OrderBy(slice => slice.Start).Select(slice => (
            slice.ProfileId, slice.Start, $"{ModelOf(fake).FindProfile(slice.Profile)!.ComputeSlices}")),
    ];
}
