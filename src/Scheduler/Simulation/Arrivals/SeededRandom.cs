using System.Numerics;

namespace GpuActors.Scheduler.Simulation.Arrivals;

/// <summary>
/// Randomness that is the same for the same seed on every machine and in every version of this program, so that a
/// figure can be measured again: xoshiro256++ (Blackman and Vigna, 2019), its state filled by SplitMix64.
/// </summary>
public sealed class SeededRandom
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>The sequence of a seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="stream">Different streams of a seed have nothing to do with each other.</param>
    public SeededRandom(long seed, int stream = 0)
    {
        var state = Mix((ulong)seed + GoldenGamma) + (ulong)stream;
        _a = Mix(state += GoldenGamma);
        _b = Mix(state += GoldenGamma);
        _c = Mix(state += GoldenGamma);
        _d = Mix(state + GoldenGamma);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_a + _d, 23) + _a;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A whole number from 0 to <paramref name="bound"/> - 1, each as likely.</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);

        // Values above the largest multiple of the bound would favour the small numbers: they are drawn again.
        var limit = ulong.MaxValue - (ulong.MaxValue % (ulong)bound);
        ulong bits;
        do
        {
            bits = NextBits();
        }
        while (bits >= limit);
        return (int)(bits % (ulong)bound);
    }

    /// <summary>From 0, which may come up, to 1, which does not.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Exponentially distributed, above 0.</summary>
    public double NextExponential(double mean) => -Math.Log(1 - NextDouble()) * mean;

    /// <summary>Puts items into random order, each order as likely.</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = NextInt(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    /// <summary>The numbers 0 to <paramref name="count"/> - 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        var items = Enumerable.Range(0, count).ToArray();
        Shuffle(items);
        return items;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
