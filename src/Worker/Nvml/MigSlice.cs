using GpuActors.Shared.Devices;

namespace GpuActors.Worker.Nvml;

/// <summary>A MIG slice that a GPU is to have: one GPU instance with one compute instance of its whole size.</summary>
/// <param name="Profile">Name of its profile: <c>3g.20gb</c>.</param>
/// <param name="ProfileId">The driver's number of the profile.</param>
/// <param name="Start">First memory slice.</param>
/// <param name="Size">Memory slices.</param>
public sealed record MigSlice(string Profile, int ProfileId, int Start, int Size)
{
    internal MigPlace Place => new(Start, Size);

    /// <summary>A placed slice of a layout.</summary>
    /// <exception cref="ArgumentException">It is of another mode.</exception>
    public static MigSlice Of(PlacedSlice slice) =>
        slice is { Mode: GpuMode.Mig, Profile: { Kind: SliceKind.Mig } profile }
            ? Of(profile, slice.Start)
            : throw new ArgumentException($"Slice {slice.Number} is of mode {GpuModes.NameOf(slice.Mode)}, not mig.");

    /// <summary>A slice of a MIG profile.</summary>
    public static MigSlice Of(SliceProfile profile, int start) => new(profile.Name, profile.Id, start, profile.Size);

    /// <summary><c>3g.20gb at 4</c>.</summary>
    public override string ToString() => $"{Profile} at {Start}";
}
