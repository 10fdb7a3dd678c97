using GpuActors.Actors.TestKit.Simulation;

namespace GpuActors.Simulation.Oracle;

/// <summary>Takes down what the checks find; the run ends at the first finding.</summary>
internal sealed class Verdict(SimulatedWorld world)
{
    /// <summary>The first promise that was broken; null as long as all are kept.</summary>
    public string? Violation { get; private set; }

    /// <summary>A promise was broken.</summary>
    /// <param name="promise">Which, in a few words that are the same each time.</param>
    /// <param name="facts">Who and what.</param>
    public void Broken(string promise, string facts)
    {
        world.Trace.Add("VIOLATION", $"{promise}: {facts}");
        Violation ??= string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{promise}: {facts} (at {world.Now.TotalSeconds:F3} s)");
    }
}
