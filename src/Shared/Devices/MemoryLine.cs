namespace GpuActors.Shared.Devices;

/// <summary>
/// The memory of a GPU as a line of <see cref="Width"/> units on which slices of different sizes lie side by side: the
/// memory slices of a MIG GPU, or the placement ids of a GPU with vGPUs of mixed sizes. A layout is legal when no two
/// intervals overlap and no profile is there more often than it may be. One rule serves both (NVIDIA MIG User Guide;
/// Virtual GPU User Guide, appendix B). Pure and immutable.
/// </summary>
public sealed class MemoryLine
{
    /// <summary>Units that a line may have.</summary>
    public const int WidthMax = 128;

    /// <summary>Lines up to this width have all answers in a table.</summary>
    private const int TableWidthMax = 8;

    private readonly Place[] _places;
    private readonly (int First, int Count)[] _placesOf;
    private readonly sbyte[]? _best;

    /// <summary>A line for these profiles.</summary>
    /// <param name="width">Its units, 1 to <see cref="WidthMax"/>.</param>
    /// <param name="profiles">All with a size and starts within the line.</param>
    /// <exception cref="ArgumentException">A profile lies outside of the line.</exception>
    public MemoryLine(int width, IReadOnlyList<SliceProfile> profiles)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, WidthMax);
        (Width, Profiles) = (width, profiles);
        var places = new List<Place>();
        _placesOf = new (int, int)[profiles.Count];
        for (var i = 0; i < profiles.Count; i++)
        {
            var profile = profiles[i];
            if (profile.Size < 1 || profile.Starts.Any(start => start < 0 || start + profile.Size > width))
            {
                throw new ArgumentException($"{profile.Name} does not lie on a line of {width} units.", nameof(profiles));
            }

            _placesOf[i] = (places.Count, profile.Starts.Count);
            places.AddRange(profile.Starts.Select(start => new Place(start, profile.Size, Interval(start, profile.Size))));
        }

        _places = [.. places];
        _best = width <= TableWidthMax ? Tabulate() : null;
    }

    /// <summary>Its units.</summary>
    public int Width { get; }

    /// <summary>What may lie on it.</summary>
    public IReadOnlyList<SliceProfile> Profiles { get; }

    /// <summary>The units from <paramref name="start"/> on as bits, unit 0 the lowest.</summary>
    public static UInt128 Interval(int start, int size) =>
        (size == WidthMax ? UInt128.MaxValue : (UInt128.One << size) - 1) << start;

    /// <summary>Index of a profile in <see cref="Profiles"/>; -1 if it has no place here.</summary>
    public int IndexOf(SliceProfile profile)
    {
        for (var i = 0; i < Profiles.Count; i++)
        {
            if (ReferenceEquals(Profiles[i], profile))
            {
                return i;
            }
        }

        return IndexOf(profile.Name);
    }

    /// <summary>Index of the profile of that name in <see cref="Profiles"/>; -1 if it has no place here.</summary>
    public int IndexOf(string profile)
    {
        for (var i = 0; i < Profiles.Count; i++)
        {
            if (Profiles[i].Name.Equals(profile, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether an interval is free and is one that the profile may have.</summary>
    public bool IsLegal(UInt128 occupied, int profile, int start)
    {
        var (first, count) = _placesOf[profile];
        foreach (var place in _places.AsSpan(first, count))
        {
            if (place.Start == start)
            {
                return (occupied & place.Units) == UInt128.Zero;
            }
        }

        return false;
    }

    /// <summary>How many of a profile's places are free.</summary>
    public int CountFree(UInt128 occupied, int profile)
    {
        var (first, count) = _placesOf[profile];
        var free = 0;
        foreach (var place in _places.AsSpan(first, count))
        {
            free += (occupied & place.Units) == UInt128.Zero ? 1 : 0;
        }

        return free;
    }

    /// <summary>
    /// Where a profile should go: the free place whose use takes the fewest free places, weighted by their sizes, from
    /// all profiles; the higher one of equals. On an A100 that puts 1g and 3g high, as HAMi does, and keeps 7 compute
    /// slices within reach. -1 when there is none.
    /// </summary>
    /// <param name="occupied">Units in use, as bits.</param>
    /// <param name="profile">Index in <see cref="Profiles"/>.</param>
    public int BestStart(UInt128 occupied, int profile) =>
        _best is null ? Search(occupied, profile) : _best[((int)occupied * Profiles.Count) + profile];

    /// <summary>Sizes of the free places, of all profiles, that would be free no longer.</summary>
    /// <param name="occupied">Units in use, as bits.</param>
    /// <param name="units">Units that would be, as bits.</param>
    public int CostOf(UInt128 occupied, UInt128 units)
    {
        var taken = 0;
        foreach (var place in _places)
        {
            if ((occupied & place.Units) == UInt128.Zero && (units & place.Units) != UInt128.Zero)
            {
                taken += place.Size;
            }
        }

        return taken;
    }

    private int Search(UInt128 occupied, int profile)
    {
        var (first, count) = _placesOf[profile];
        var (best, fewest) = (-1, int.MaxValue);
        foreach (var place in _places.AsSpan(first, count))
        {
            if ((occupied & place.Units) == UInt128.Zero && CostOf(occupied, place.Units) is var taken && taken <= fewest)
            {
                (best, fewest) = (place.Start, taken);
            }
        }

        return best;
    }

    private sbyte[] Tabulate()
    {
        var best = new sbyte[(1 << Width) * Profiles.Count];
        for (var occupied = 0; occupied < 1 << Width; occupied++)
        {
            for (var profile = 0; profile < Profiles.Count; profile++)
            {
                best[(occupied * Profiles.Count) + profile] = (sbyte)Search((UInt128)occupied, profile);
            }
        }

        return best;
    }

    private readonly record struct Place(int Start, int Size, UInt128 Units);
}
