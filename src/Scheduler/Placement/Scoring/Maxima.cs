using System.Numerics;
using System.Runtime.InteropServices;

namespace GpuActors.Scheduler.Placement.Scoring;

/// <summary>The largest of many scores, as many at a time as the processor takes.</summary>
internal static class Maxima
{
    /// <summary>The largest value; <see cref="short.MinValue"/> if there is none.</summary>
    public static short Of(ReadOnlySpan<short> values)
    {
        var largest = short.MinValue;
        if (values.Length >= Vector<short>.Count)
        {
            var vectors = MemoryMarshal.Cast<short, Vector<short>>(values);
            var found = vectors[0];
            for (var i = 1; i < vectors.Length; i++)
            {
                found = Vector.Max(found, vectors[i]);
            }

            for (var lane = 0; lane < Vector<short>.Count; lane++)
            {
                largest = Math.Max(largest, found[lane]);
            }

            values = values[(vectors.Length * Vector<short>.Count)..];
        }

        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }
}
