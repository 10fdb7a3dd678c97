namespace GpuActors.Actors.Runtime;

/// <summary>The only source of randomness in actor code; safe to call from any thread.</summary>
public interface IRandomSource
{
    /// <summary>A number in [0, <paramref name="maxExclusive"/>).</summary>
    int Next(int maxExclusive);

    /// <summary>A number in [0, 1).</summary>
    double NextDouble();

    /// <summary>Fills <paramref name="destination"/>; in production from a cryptographic generator.</summary>
    void Fill(Span<byte> destination);

    /// <summary>A random (version 4) identifier.</summary>
    Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
