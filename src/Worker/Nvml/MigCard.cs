namespace GpuActors.Worker.Nvml;

/// <summary>What a plan needs to know of a GPU in MIG mode: what it can be cut into, and how it is cut.</summary>
/// <param name="Profiles">Its profiles with their places.</param>
/// <param name="Instances">The GPU instances there.</param>
internal sealed record MigCard(IReadOnlyList<MigProfile> Profiles, IReadOnlyList<GpuInstance> Instances)
{
    /// <summary>Reads it off the GPU, which must be in MIG mode.</summary>
    /// <exception cref="NvmlException">Not in MIG mode, or the process may not see instances.</exception>
    public static MigCard Read(NvmlLibrary nvml, nint device)
    {
        var profiles = nvml.MigProfilesOf(device);
        var instances = profiles
            .DistinctBy(profile => profile.Id)
            .SelectMany(profile => nvml.GpuInstancesOf(device, profile))
            .Select(nvml.Describe)
            .OrderBy(instance => instance.Start)
            .ToArray();
        return new MigCard(profiles, instances);
    }

    /// <summary>The profile of that number; null if the card has none.</summary>
    public MigProfile? Find(int profileId) => Profiles.FirstOrDefault(profile => profile.Id == profileId);

    /// <summary>Whether a GPU instance has one compute instance, and that all its slices.</summary>
    public bool IsWhole(GpuInstance instance) =>
        instance.Compute is [var only] && only.Slices == Find(instance.ProfileId)?.Slices;

    /// <summary><c>GPU instance 2 (3g.20gb at 4)</c>.</summary>
    public string NameOf(GpuInstance instance) =>
        $"GPU instance {instance.Id} ({ProfileOf(instance)} at {instance.Start})";

    private string ProfileOf(GpuInstance instance) =>
        Find(instance.ProfileId)?.Name ?? $"profile {instance.ProfileId}";
}
