using GpuActors.Actors.TestKit;

namespace GpuActors.Simulation.Cluster;

/// <summary>How wrong processes' clocks are.</summary>
internal static class Clocks
{
    /// <summary>Monotonic clocks run up to 1 % too fast or too slow: far more than real ones do.</summary>
    public static double Rate(SeededRandomSource random) => 0.99 + (0.02 * random.NextDouble());

    /// <summary>Wall clocks are wrong by seconds, and sometimes by an hour.</summary>
    public static TimeSpan Skew(SeededRandomSource random) =>
        (random.Next(8) == 0 ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(5)) * ((2 * random.NextDouble()) - 1);
}
