using System.Text;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>Reads path expressions, in keys and in substitutions.</summary>
internal static class PathReader
{
    /// <summary>
    /// Takes a path up to the first character that cannot be part of one. Whitespace inside an element is kept, at
    /// both ends of the path it is dropped.
    /// </summary>
    public static string[] Take(TextCursor cursor)
    {
        var start = cursor.Here;
        var elements = new List<string>();
        var element = new StringBuilder();
        bool quoted = false;
        while (true)
        {
            string blank = cursor.TakeBlank();
            if (cursor.Peek() != '"' && !cursor.AtUnquoted)
            {
                break;
            }

            // In front of the first piece a blank is outside of the path.
            element.Append(elements.Count == 0 && element.Length == 0 && !quoted ? "" : blank);
            if (cursor.Peek() == '"')
            {
                element.Append(QuotedText.Take(cursor));
                quoted = true;
                continue;
            }

            string[] parts = cursor.TakeUnquoted(numbers: false).Split('.');
            for (int i = 0; i < parts.Length; i++)
            {
                if (i > 0)
                {
                    EndElement(elements, element, quoted, start);
                    quoted = false;
                }

                element.Append(parts[i]);
            }
        }

        EndElement(elements, element, quoted, start);
        return [.. elements];
    }

    private static void EndElement(List<string> elements, StringBuilder element, bool quoted, ConfigOrigin start)
    {
        if (element.Length == 0 && !quoted)
        {
            throw new HoconException(
                "A path has an empty element: it must not begin or end with a dot or have two in a row. " +
                "Write \"\" for an empty key.",
                start);
        }

        if (elements.Count == HoconLimits.MaxDepth)
        {
            throw new HoconException($"A path has at most {HoconLimits.MaxDepth} elements.", start);
        }

        elements.Add(element.ToString());
        element.Clear();
    }
}
