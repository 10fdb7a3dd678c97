namespace GpuActors.Worker.Nvml;

/// <summary>One change of a GPU's layout.</summary>
internal abstract record MigStep
{
    private MigStep()
    {
    }

    /// <summary>Takes a compute instance away.</summary>
    public sealed record DestroyCompute(GpuInstance Instance, uint Id) : MigStep;

    /// <summary>Takes a GPU instance away that has no compute instances any more.</summary>
    public sealed record DestroyInstance(GpuInstance Instance) : MigStep;

    /// <summary>Gives a GPU instance that stays its compute instance.</summary>
    public sealed record CreateCompute(GpuInstance Instance, int Slices) : MigStep;

    /// <summary>Makes a GPU instance with its compute instance.</summary>
    public sealed record CreateInstance(MigSlice Slice, int Slices) : MigStep;
}

/// <summary>
/// From what a GPU has to what it is to have, in the fewest steps: an instance of the right profile at the right place
/// stays as it is; all others go, compute instances first; then the missing are made, the largest first. A stay whose
/// compute instance is missing or too small, as after a call that failed half-way, gets a whole one. Pure.
/// </summary>
internal static class MigPlan
{
    /// <summary>The steps; none if the GPU has the layout.</summary>
    /// <exception cref="MigLayoutException">The card can't be cut like that; nothing has been changed.</exception>
    public static IReadOnlyList<MigStep> Between(MigCard card, IReadOnlyList<MigSlice> wanted)
    {
        Check(card, wanted);
        var stays = card.Instances.Where(there => wanted.Any(slice => IsThere(slice, there))).ToArray();
        var goes = card.Instances.Except(stays);
        var broken = stays.Where(there => !card.IsWhole(there)).ToArray();
        var missing = wanted
            .Where(slice => !card.Instances.Any(there => IsThere(slice, there)))
            .OrderByDescending(slice => slice.Size)
            .ThenBy(slice => slice.Start);
        return
        [
            .. goes.SelectMany(there => Emptied(there).Append(new MigStep.DestroyInstance(there))),
            .. broken.SelectMany(there =>
                Emptied(there).Append(new MigStep.CreateCompute(there, SlicesOf(card, there.ProfileId)))),
            .. missing.Select(slice => new MigStep.CreateInstance(slice, SlicesOf(card, slice.ProfileId))),
        ];
    }

    private static IEnumerable<MigStep> Emptied(GpuInstance instance) =>
        instance.Compute.Select(compute => new MigStep.DestroyCompute(instance, compute.Id));

    private static bool IsThere(MigSlice slice, GpuInstance there) =>
        (slice.ProfileId, slice.Start) == (there.ProfileId, there.Start);

    private static int SlicesOf(MigCard card, int profileId) => card.Find(profileId)!.Slices;

    private static void Check(MigCard card, IReadOnlyList<MigSlice> wanted)
    {
        foreach (var slice in wanted)
        {
            CheckPlace(card, slice);
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted.Take(i).FirstOrDefault(other => other.Place.Overlaps(wanted[i].Place)) is { } other)
            {
                throw new MigLayoutException($"{wanted[i]} overlaps {other}.");
            }
        }

        foreach (var profile in card.Profiles)
        {
            if (wanted.Count(slice => slice.ProfileId == profile.Id) is var count && count > profile.Max)
            {
                throw new MigLayoutException(
                    $"{count} of profile {NameOf(profile)} are wanted; the card has {profile.Max}.");
            }
        }

        // The whole GPU has all engines, so nothing that is cut from it can have more.
        var engines = card.Profiles.Select(profile => profile.OpticalFlow).DefaultIfEmpty().Max();
        if (wanted.Sum(slice => card.Find(slice.ProfileId)!.OpticalFlow) > engines)
        {
            throw new MigLayoutException($"The card has {engines} set of media engines (+me); more are wanted.");
        }
    }

    private static void CheckPlace(MigCard card, MigSlice slice)
    {
        var profile = card.Find(slice.ProfileId) ?? throw new MigLayoutException(
            $"The card has no profile {slice.ProfileId} ({slice.Profile}); it has " +
            $"{string.Join(", ", card.Profiles.Select(NameOf))}.");
        if (profile.Name is { } name && !name.Equals(slice.Profile, StringComparison.OrdinalIgnoreCase))
        {
            throw new MigLayoutException(
                $"Profile {profile.Id} of the card is {name}, not {slice.Profile}: the layout is for another model.");
        }

        if (!profile.Places.Contains(slice.Place))
        {
            throw new MigLayoutException(
                $"{slice} (size {slice.Size}) is no place of the card; {NameOf(profile)} may start at " +
                $"{string.Join(", ", profile.Places.Select(place => $"{place.Start} (size {place.Size})"))}.");
        }
    }

    private static string NameOf(MigProfile profile) => profile.Name ?? $"{profile.Id}";
}
