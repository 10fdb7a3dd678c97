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

    /// <summary>Renders tags; <paramref name="reserved"/> is a name that the metric needs for itself.</summary>
    public static string Render(ReadOnlySpan<KeyValuePair<string, object?>> tags, string? reserved = null)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = MetricNames.OfLabel(key);
            name = name == reserved ? name + "_" : name;
            var text = Text(value);
            labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        var rendered = new StringBuilder();
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
        foreach (var rune in Cut(value).EnumerateRunes()) // half of a surrogate pair becomes U+FFFD, as it would in UTF-8
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
                    rendered.Append(rune);
                    break;
            }
        }

        rendered.Append('"');
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
