using System.Globalization;
using System.Text;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>Quoted strings: JSON's, and the triple-quoted ones that take everything as it is.</summary>
internal static class QuotedText
{
    private const string TripleQuote = "\"\"\"";

    /// <summary>Takes a quoted string of either kind; the cursor stands on its first quote.</summary>
    public static string Take(TextCursor cursor) =>
        cursor.At(TripleQuote) ? TakeTripleQuoted(cursor) : TakeJson(cursor);

    /// <summary>Writes <paramref name="text"/> as a JSON string.</summary>
    public static void Append(StringBuilder target, string text)
    {
        target.Append('"');
        foreach (char c in text)
        {
            target.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => $"\\u{(int)c:x4}",
                _ => null,
            });
            if (c is >= ' ' and not ('"' or '\\' or '\x7f'))
            {
                target.Append(c);
            }
        }

        target.Append('"');
    }

    private static string TakeTripleQuoted(TextCursor cursor)
    {
        var start = cursor.Here;
        cursor.Skip(TripleQuote.Length);
        var taken = new StringBuilder();
        while (!cursor.At(TripleQuote))
        {
            if (cursor.AtEnd)
            {
                throw new HoconException("This triple-quoted text has no closing \"\"\".", start);
            }

            taken.Append(cursor.Take());
        }

        // Of four quotes or more at the end, the last three close.
        while (cursor.Peek(TripleQuote.Length) == '"')
        {
            taken.Append(cursor.Take());
        }

        cursor.Skip(TripleQuote.Length);
        return taken.ToString();
    }

    private static string TakeJson(TextCursor cursor)
    {
        var start = cursor.Here;
        cursor.Take();
        var taken = new StringBuilder();
        while (cursor.Peek() != '"')
        {
            if (cursor.AtEnd || cursor.Peek() == '\n')
            {
                throw new HoconException(
                    "This quoted text has no closing quote on its line; use \"\"\" for text of several lines.", start);
            }

            if (cursor.Peek() < ' ')
            {
                throw cursor.Error(
                    $"Quoted text cannot contain {cursor.Describe()} as it is; write it as \\u{cursor.Peek():x4}.");
            }

            if (cursor.Peek() == '\\')
            {
                TakeEscape(cursor, taken);
            }
            else
            {
                taken.Append(cursor.Take());
            }
        }

        cursor.Take();
        return taken.ToString();
    }

    private static void TakeEscape(TextCursor cursor, StringBuilder taken)
    {
        var start = cursor.Here;
        cursor.Take();
        char? escaped = cursor.Peek() switch
        {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => null,
        };
        if (escaped is { } simple)
        {
            cursor.Take();
            taken.Append(simple);
            return;
        }

        if (cursor.Peek() != 'u')
        {
            throw new HoconException(
                $"A backslash followed by {cursor.Describe()} means nothing; write \\\\ for a backslash.", start);
        }

        char unit = TakeUnit(cursor, start);
        taken.Append(unit);
        if (!char.IsSurrogate(unit))
        {
            return;
        }

        if (!char.IsHighSurrogate(unit) || !cursor.At("\\u"))
        {
            throw new HoconException("This is half of a surrogate pair; write both halves.", start);
        }

        cursor.Take();
        char low = TakeUnit(cursor, start);
        if (!char.IsLowSurrogate(low))
        {
            throw new HoconException("This is half of a surrogate pair; write both halves.", start);
        }

        taken.Append(low);
    }

    /// <summary>Takes <c>uXXXX</c>.</summary>
    private static char TakeUnit(TextCursor cursor, ConfigOrigin start)
    {
        Span<char> digits = stackalloc char[4];
        for (int i = 0; i < digits.Length; i++)
        {
            int c = cursor.Peek(1 + i);
            if (c < 0 || !char.IsAsciiHexDigit((char)c))
            {
                throw new HoconException("\\u must be followed by four hexadecimal digits.", start);
            }

            digits[i] = (char)c;
        }

        cursor.Skip(1 + digits.Length);
        return (char)ushort.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
