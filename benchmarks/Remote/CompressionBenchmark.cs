using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace GpuActors.Benchmarks.Remote;

/// <summary>
/// What compressing transfers would bring: content as programs send it, in the pieces in which it travels, with the
/// quickest that .NET has. Compressing, sending and decompressing at the same time, a transfer goes at the slowest of
/// the three; so it pays on ways that carry less than the compressor takes in.
/// </summary>
internal static class CompressionBenchmark
{
    private const int Bytes = 32 << 20;
    private const int PieceBytes = 256 << 10;
    private const int Quality = 0;
    private const int WindowBits = 18;
    private const int Repeats = 3;

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        var random = new Random(1);
        await RunAsync(output, "weights", Floats(_ => (float)(0.02 * Normal(random))));
        await RunAsync(output, "sparse", Floats(_ => random.Next(10) == 0 ? (float)Normal(random) : 0));
        await RunAsync(output, "indices", Words(_ => random.Next(50_000)));
        await RunAsync(output, "image", Pixels(random));
        await RunAsync(output, "zeros", new byte[Bytes]);
    }

    private static async Task RunAsync(TextWriter output, string name, byte[] content)
    {
        var (pieces, compressing) = Compress(content);
        var decompressing = Decompress(pieces);
        double ratio = (double)content.Length / pieces.Sum(piece => (long)piece.Length);
        var slower = Math.Max(compressing, decompressing);
        await WriteAsync(output, $"{name}.ratio", ratio, "times smaller");
        await WriteAsync(output, $"{name}.compress", content.Length / compressing / 1e6, "MB/s");
        await WriteAsync(output, $"{name}.decompress", content.Length / decompressing / 1e6, "MB/s");
        await WriteAsync(output, $"{name}.gbit1", Math.Min(content.Length / slower, 118e6 * ratio) / 118e6, "times the speed over 1 Gbit/s");
        await WriteAsync(output, $"{name}.gbit10", Math.Min(content.Length / slower, 1180e6 * ratio) / 1180e6, "times the speed over 10 Gbit/s");
    }

    private static (List<byte[]> Pieces, double Seconds) Compress(byte[] content)
    {
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(PieceBytes)];
        var pieces = new List<byte[]>();
        var seconds = Best(() =>
        {
            pieces.Clear();
            for (var at = 0; at < content.Length; at += PieceBytes)
            {
                BrotliEncoder.TryCompress(content.AsSpan(at, PieceBytes), buffer, out var length, Quality, WindowBits);
                pieces.Add(buffer[..length]);
            }
        });
        return (pieces, seconds);
    }

    private static double Decompress(List<byte[]> pieces)
    {
        var buffer = new byte[PieceBytes];
        return Best(() =>
        {
            foreach (var piece in pieces)
            {
                if (!BrotliDecoder.TryDecompress(piece, buffer, out var length) || length != PieceBytes)
                {
                    throw new InvalidOperationException("The content did not come back.");
                }
            }
        });
    }

    private static double Best(Action action)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Repeats; i++)
        {
            var began = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return best;
    }

    private static byte[] Floats(Func<int, float> of)
    {
        var values = new float[Bytes / sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = of(i);
        }

        return MemoryMarshal.AsBytes<float>(values).ToArray();
    }

    private static byte[] Words(Func<int, int> of) =>
        MemoryMarshal.AsBytes<int>(Enumerable.Range(0, Bytes / sizeof(int)).Select(of).ToArray()).ToArray();

    /// <summary>Soft shapes with the noise of a sensor, a byte a pixel.</summary>
    private static byte[] Pixels(Random random)
    {
        const int Width = 4096;
        var pixels = new byte[Bytes];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(128 + (60 * Math.Sin(i % Width * 0.01)) + (40 * Math.Cos(i / Width * 0.02)) + (6 * Normal(random)));
        }

        return pixels;
    }

    /// <summary>Normally distributed, by Box and Muller's transform.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Task WriteAsync(TextWriter output, string name, double value, string unit) =>
        output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"compression.{name}\t{value:0.00}\t{unit}"));
}
