using System.Globalization;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Prints what was measured of a store.</summary>
internal sealed class Figures(TextWriter output, string store)
{
    public void Print(string name, double value, string unit) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"persistence.{store}.{name}\t{value:F0}\t{unit}"));
}
