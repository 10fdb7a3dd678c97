namespace GpuActors.Actors;

/// <summary>Names of actors that were given none: <c>$</c> and a number in base 32.</summary>
internal static class NumberedName
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Format(long number)
    {
        Span<char> text = stackalloc char[14];
        var start = text.Length;
        do
        {
            text[--start] = Digits[(int)(number & 31)];
            number >>= 5;
        }
        while (number > 0);

        text[--start] = '$';
        return text[start..].ToString();
    }

    public static bool TryParse(ReadOnlySpan<char> name, out long number)
    {
        number = 0;
        if (name.Length is < 2 or > 14 || name[0] != '$' || (name[1] == Digits[0] && name.Length > 2))
        {
            return false;
        }

        foreach (var c in name[1..])
        {
            var digit = Digits.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            number = (number << 5) | (uint)digit;
        }

        return true;
    }
}
