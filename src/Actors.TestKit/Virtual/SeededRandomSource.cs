using System.Buffers.Binary;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>
/// A reproducible sequence: SplitMix64 (Steele, Lea and Flood 2014). Its own code because <see cref="System.Random"/>
/// does not promise the same numbers in the next version of .NET.
/// </summary>
public sealed class SeededRandomSource(long seed) : IRandomSource
{
    private ulong _state = (ulong)seed;

    /// <summary>A source whose numbers are independent of this one's later ones.</summary>
    public SeededRandomSource Split() => new((long)NextUInt64());

    public int Next(int maxExclusive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxExclusive, 1);
        return (int)(((NextUInt64() >> 32) * (ulong)maxExclusive) >> 32);
    }

    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    public void Fill(Span<byte> destination)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, NextUInt64());
            var count = Math.Min(number.Length, destination.Length);
            number[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    private ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
