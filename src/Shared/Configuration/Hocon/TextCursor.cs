using System.Globalization;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>A place in a text that knows its line and column, and what HOCON's character classes are.</summary>
internal sealed class TextCursor(string text, string source)
{
    private const string Forbidden = "$\"{}[]:=,+#`^?!@*&\\";

    private int _position;
    private int _line = 1;
    private int _lineStart;

    public bool AtEnd => _position == text.Length;

    public ConfigOrigin Here => new(source, _line, _position - _lineStart + 1);

    /// <summary>The character <paramref name="offset"/> further on, or -1 behind the end.</summary>
    public int Peek(int offset = 0) => _position + offset < text.Length ? text[_position + offset] : -1;

    public bool At(string expected) => text.AsSpan(_position).StartsWith(expected, StringComparison.Ordinal);

    public bool AtComment => Peek() == '#' || At("//");

    /// <summary>True where unquoted text may begin or go on.</summary>
    public bool AtUnquoted =>
        !AtEnd && !IsWhitespace(text[_position]) && !Forbidden.Contains(text[_position]) && !At("//");

    public char Take()
    {
        char taken = text[_position++];
        if (taken == '\n')
        {
            _line++;
            _lineStart = _position;
        }

        return taken;
    }

    public void Skip(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Take();
        }
    }

    /// <summary>Skips whitespace, newlines and comments; true when a newline was among them.</summary>
    public bool SkipToContent()
    {
        int line = _line;
        while (!AtEnd)
        {
            if (IsWhitespace(text[_position]))
            {
                Take();
            }
            else if (AtComment)
            {
                SkipLine();
            }
            else
            {
                break;
            }
        }

        return _line > line;
    }

    /// <summary>Takes whitespace up to the next newline or content.</summary>
    public string TakeBlank()
    {
        int start = _position;
        while (!AtEnd && text[_position] != '\n' && IsWhitespace(text[_position]))
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>Takes unquoted text. At a digit or hyphen only what makes a JSON number, if anything does.</summary>
    public string TakeUnquoted(bool numbers)
    {
        int start = _position;
        int digits = numbers ? NumberLength() : 0;
        if (digits > 0)
        {
            _position += digits;
            return text[start.._position];
        }

        while (AtUnquoted)
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>The character here in words, for messages.</summary>
    public string Describe() => Peek() switch
    {
        -1 => "the end of the text",
        '\n' => "the end of the line",
        '\'' => "a single quote",
        var c when c < ' ' => $"the control character U+{c:X4}",
        var c => $"'{(char)c}'",
    };

    public HoconException Error(string message) => new(message, Here);

    /// <summary>HOCON's whitespace: Unicode separators, ASCII's controls for space, and the byte order mark.</summary>
    public static bool IsWhitespace(char c) => c switch
    {
        ' ' or (>= '\t' and <= '\r') or (>= '\x1c' and <= '\x1f') or '\uFEFF' => true,
        < '\x80' => false,
        _ => char.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator,
    };

    /// <summary>True when the whole of <paramref name="text"/> is a JSON number.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && NumberLength(text) == text.Length;

    private void SkipLine()
    {
        while (!AtEnd && text[_position] != '\n')
        {
            _position++;
        }
    }

    private int NumberLength() => NumberLength(text.AsSpan(_position));

    /// <summary>Length of the longest JSON number that <paramref name="s"/> begins with; 0 when there is none.</summary>
    private static int NumberLength(ReadOnlySpan<char> s)
    {
        int i = s.StartsWith("-") ? 1 : 0;
        int whole = DigitsAt(s, i);
        if (whole == 0)
        {
            return 0;
        }

        i += s[i] == '0' ? 1 : whole;
        if (i < s.Length && s[i] == '.' && DigitsAt(s, i + 1) is > 0 and var fraction)
        {
            i += 1 + fraction;
        }

        if (i < s.Length && s[i] is ('e' or 'E'))
        {
            int sign = i + 1 < s.Length && s[i + 1] is ('+' or '-') ? 1 : 0;
            int exponent = DigitsAt(s, i + 1 + sign);
            i += exponent > 0 ? 1 + sign + exponent : 0;
        }

        return i;
    }

    private static int DigitsAt(ReadOnlySpan<char> s, int start)
    {
        int i = start;
        while (i < s.Length && char.IsAsciiDigit(s[i]))
        {
            i++;
        }

        return i - start;
    }
}
