using System.IO.Compression;

namespace GpuActors.Samples.Digits;

/// <summary>
/// Handwritten digits: images of 8×8 pixels from 0 to 16, and which digit each is. The last fifth is held out.
/// </summary>
/// <param name="Images">64 bytes an image, row by row.</param>
/// <param name="Labels">A byte an image, 0 to 9.</param>
public sealed record DigitsData(byte[] Images, byte[] Labels)
{
    /// <summary>Pixels of an image.</summary>
    public const int Pixels = 64;

    private const int BrightestPixel = 16;
    private const int Classes = 10;

    /// <summary>How many images there are.</summary>
    public int Count => Labels.Length;

    /// <summary>Images to measure with, never trained on: the last fifth, rounded up.</summary>
    public int HeldOut => (Count + 4) / 5;

    /// <summary>Images to train on: all before.</summary>
    public int Training => Count - HeldOut;

    /// <summary>The digits that come with the sample.</summary>
    public static DigitsData Load()
    {
        using var stream = typeof(DigitsData).Assembly.GetManifestResourceStream("digits.csv.gz")!;
        return Read(stream);
    }

    /// <summary>Reads digits from gzipped CSV: 64 pixels and the digit in each line, no heading.</summary>
    /// <exception cref="FormatException">A line is not that; the message names it.</exception>
    public static DigitsData Read(Stream gzip)
    {
        using var reader = new StreamReader(new GZipStream(gzip, CompressionMode.Decompress));
        var images = new List<byte>();
        var labels = new List<byte>();
        while (reader.ReadLine() is { } line)
        {
            var numbers = line.Split(',').Select(NumberOf).ToArray();
            if (numbers.Length != Pixels + 1 || numbers[..Pixels].Max() > BrightestPixel || numbers[Pixels] >= Classes)
            {
                throw new FormatException(
                    $"Line {labels.Count + 1} must have {Pixels} numbers from 0 to {BrightestPixel} and a digit.");
            }

            images.AddRange(numbers[..Pixels]);
            labels.Add(numbers[Pixels]);
        }

        return new DigitsData([.. images], [.. labels]);
    }

    /// <summary>The number, or one that is out of every range.</summary>
    private static byte NumberOf(string text) => byte.TryParse(text, out var value) ? value : byte.MaxValue;
}
