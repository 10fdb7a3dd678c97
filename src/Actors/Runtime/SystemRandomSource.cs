using System.Security.Cryptography;

namespace GpuActors.Actors.Runtime;

/// <summary>Real randomness: fast numbers, and bytes from the operating system's cryptographic generator.</summary>
internal sealed class SystemRandomSource : IRandomSource
{
#pragma warning disable RS0030 // the one place where real randomness enters
    public int Next(int maxExclusive) => Random.Shared.Next(maxExclusive);

    public double NextDouble() => Random.Shared.NextDouble();
#pragma warning restore RS0030

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
