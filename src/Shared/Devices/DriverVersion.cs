using System.Buffers;
using System.Globalization;

namespace GpuActors.Shared.Devices;

/// <summary>
/// The version of a driver, for comparing: the numbers with dots that its text begins with, such as 535.104.05 of
/// <c>535.104.05</c> or 3.1 of <c>3.1+debian</c>. Numbers that are missing count as 0.
/// </summary>
public static class DriverVersion
{
    private const int PartsMax = 8;

    private static readonly SearchValues<char> DigitsAndDots = SearchValues.Create("0123456789.");

    /// <summary>Whether a driver is of a version or a later one; false if its text has no version.</summary>
    /// <param name="driver">As the driver says it.</param>
    /// <param name="least">Numbers with dots.</param>
    public static bool IsAtLeast(string driver, string least)
    {
        Span<long> has = stackalloc long[PartsMax];
        Span<long> wants = stackalloc long[PartsMax];
        return Read(driver, has) && Read(least, wants) && has.SequenceCompareTo(wants) >= 0;
    }

    private static bool Read(ReadOnlySpan<char> text, Span<long> parts)
    {
        parts.Clear();
        var end = text.IndexOfAnyExcept(DigitsAndDots);
        text = end < 0 ? text : text[..end];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            if (count == parts.Length
                || !long.TryParse(text[range], NumberStyles.None, CultureInfo.InvariantCulture, out parts[count]))
            {
                break;
            }

            count++;
        }

        return count > 0;
    }
}
