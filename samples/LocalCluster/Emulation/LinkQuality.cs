namespace GpuActors.LocalCluster.Emulation;

/// <summary>How an <see cref="EmulatedNetwork"/> treats packets, in each of its two directions.</summary>
/// <param name="Delay">How long a packet is under way; a round trip takes twice that.</param>
/// <param name="Loss">The part of packets that never arrive, 0 to 1.</param>
public sealed record LinkQuality(TimeSpan Delay, double Loss = 0)
{
    /// <summary>Packets arrive at once.</summary>
    public static readonly LinkQuality Direct = new(TimeSpan.Zero);

    /// <summary>Nothing arrives, and nobody is told: a cable that was pulled out.</summary>
    public static readonly LinkQuality Cut = new(TimeSpan.Zero, 1);
}
