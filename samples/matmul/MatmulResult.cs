using System.Runtime.InteropServices;

namespace GpuActors.Samples.Matmul;

/// <summary>What a matmul job found out.</summary>
/// <param name="Elapsed">How long the device took for all multiplications.</param>
/// <param name="Gflops">Thousand million floating-point operations per second.</param>
/// <param name="LargestError">The largest difference from the right product, over the entries checked.</param>
public sealed record MatmulResult(TimeSpan Elapsed, double Gflops, double LargestError)
{
    private const int CheckedEntries = 500;
    private const double NanosecondsPerTick = 100;

    /// <summary>Reads the job's outputs and checks entries of the product here and there.</summary>
    /// <param name="job">The job that made them.</param>
    /// <param name="product">The bytes of <see cref="MatmulJob.ProductOutput"/>.</param>
    /// <param name="times">The bytes of <see cref="MatmulJob.TimesOutput"/>.</param>
    public static MatmulResult Read(MatmulJob job, ReadOnlySpan<byte> product, ReadOnlySpan<byte> times)
    {
        var entries = MemoryMarshal.Cast<byte, float>(product);
        var clock = MemoryMarshal.Cast<byte, ulong>(times);
        if (entries.Length != job.Size * job.Size || clock.Length != 2 || clock[1] <= clock[0])
        {
            throw new FormatException(
                $"Not the outputs of a job of size {job.Size}: {entries.Length} entries, {clock.Length} times.");
        }

        var nanoseconds = (double)(clock[1] - clock[0]);
        var error = 0.0;
        for (uint i = 0; i < CheckedEntries; i++)
        {
            var entry = (int)(Mix(i) % (uint)entries.Length);
            error = Math.Max(error, Math.Abs(entries[entry] - EntryOf(job, entry / job.Size, entry % job.Size)));
        }

        return new MatmulResult(
            TimeSpan.FromTicks((long)(nanoseconds / NanosecondsPerTick)), job.Operations / nanoseconds, error);
    }

    private static double EntryOf(MatmulJob job, int row, int column)
    {
        var sum = 0.0;
        for (var k = 0; k < job.Size; k++)
        {
            sum += NumberOf(job.Seed, (row * job.Size) + k) * NumberOf(job.Seed + 1, (k * job.Size) + column);
        }

        return sum;
    }

    private static double NumberOf(uint seed, int index) =>
        ((Mix(Mix(seed) + (uint)index) >> 24) / 128.0) - 1.0;

    /// <summary>The same as <c>mix</c> in matmul.cl.</summary>
    private static uint Mix(uint x)
    {
        x ^= x >> 16;
        x *= 0x7feb352d;
        x ^= x >> 15;
        x *= 0x846ca68b;
        return x ^ (x >> 16);
    }
}
