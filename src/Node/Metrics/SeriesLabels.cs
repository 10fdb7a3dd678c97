using System.Buffers;
using System.Globalization;
using System.Text;

namespace GpuActors.Node.Metrics;

/// <summary>
/// A label set as the text format has it, <c>name="value",name="value"</c>: by name, so that the same set is the same
/// text in whichever order it was given.
/// </summary>
internal static class SeriesLabels
{
    /// <summary>Longer values are cut: names here have at most a few hundred characters.</summary>
    public const int MaxValueChars = 512;

    /// <summary>What is escaped, and halves of characters, which may be alone.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. "\\\"\n", .. Enumerable.Range(0xD800, 0x800).Select(half => (char)half)]);

    /// <summary>Renders tags; <paramref name="reserved"/> is a name that the metric needs for itself.</summary>
    public static string Render(ReadOnlySpan<KeyValuePair<string, object?>> tags, string? reserved = null)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var labels = new List<(string Name, string Value)>(tags.Length);
        foreach (var (key, value) in tags)
        {
            var name = MetricNames.OfLabel(key);
            name = name == reserved ? name + "_" : name;
            var text = Text(value);
            var same = labels.FindIndex(label => label.Name == name);
            if (same < 0)
            {
                labels.Add((name, text));
            }
            else
            {
                labels[same] = (name, $"{labels[same].Value};{text}");
            }
        }

        labels.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var rendered = new StringBuilder(labels.Sum(label => label.Name.Length + label.Value.Length + 4));
        foreach (var (name, value) in labels)
        {
            Append(rendered, name, value);
        }

        return rendered.ToString();
    }

    /// <summary>A label set with one label more, which goes last.</summary>
    public static string With(string labels, string name, string value)
    {
        var rendered = new StringBuilder(labels);
        Append(rendered, name, value);
        return rendered.ToString();
    }

    private static void Append(StringBuilder rendered, string name, string value)
    {
        if (rendered.Length > 0)
        {
            rendered.Append(',');
        }

        rendered.Append(name).Append("=\"");
        var cut = Cut(value);
        if (cut.IndexOfAny(Special) < 0)
        {
            rendered.Append(cut);
        }
        else
        {
            AppendEscaped(rendered, cut);
        }

        rendered.Append('"');
    }

    private static void AppendEscaped(StringBuilder rendered, ReadOnlySpan<char> value)
    {
        Span<char> pair = stackalloc char[2];
        foreach (var rune in value.EnumerateRunes()) // half of a surrogate pair becomes U+FFFD, as it would in UTF-8
        {
            switch (rune.Value)
            {
                case '\\':
                    rendered.Append("\\\\");
                    break;
                case '"':
                    rendered.Append("\\\"");
                    break;
                case '\n':
                    rendered.Append("\\n");
                    break;
                default:
                    rendered.Append(pair[..rune.EncodeToUtf16(pair)]);
                    break;
            }
        }
    }

    private static ReadOnlySpan<char> Cut(string value)
    {
        if (value.Length <= MaxValueChars)
        {
            return value;
        }

        var end = char.IsHighSurrogate(value[MaxValueChars - 1]) ? MaxValueChars - 1 : MaxValueChars;
        return value.AsSpan(0, end);
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
