namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// A small reproducible source of random numbers (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
/// OOPSLA 2014). The same seed gives the same placements on every platform.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>0 to <paramref name="count"/> - 1, all equally probable but for less than one in 2^32.</summary>
    public int Below(int count) => (int)(((UInt128)Next() * (ulong)count) >> 64);
}
