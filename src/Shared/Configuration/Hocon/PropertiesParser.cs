using System.Globalization;
using System.Text;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>
/// Java's .properties: <c>a.b=c</c> a line. All values are strings, keys are split at every dot, and where a key is
/// both a value and a parent of others, the parent wins.
/// </summary>
internal static class PropertiesParser
{
    public static ObjectNode Parse(string text, string source)
    {
        var entries = Entries(text.TrimStart('\uFEFF'), source).ToList();
        var root = new ObjectNode(new ConfigOrigin(source, 1, 1));
        foreach (var (key, value, origin) in entries.OrderByDescending(e => e.Key.Length))
        {
            if (key.Length > HoconLimits.MaxDepth)
            {
                throw new HoconException($"A key has at most {HoconLimits.MaxDepth} elements.", origin);
            }

            var parent = root.Open(key.AsSpan(..^1), origin);
            if (parent.Definitions(key[^1]) is not [ObjectNode])
            {
                parent.Define(key[^1], new ScalarNode(new ConfigScalar(ConfigKind.String, value, origin)));
            }
        }

        return root;
    }

    private static IEnumerable<(string[] Key, string Value, ConfigOrigin Origin)> Entries(string text, string source)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            var origin = new ConfigOrigin(source, i + 1, 1);
            string line = lines[i].TrimEnd('\r').TrimStart(' ', '\t', '\f');
            if (line.Length == 0 || line[0] is '#' or '!')
            {
                continue;
            }

            var whole = new StringBuilder(line);
            while (EndsInContinuation(whole) && i + 1 < lines.Length)
            {
                whole.Length--;
                whole.Append(lines[++i].TrimEnd('\r').TrimStart(' ', '\t', '\f'));
            }

            string entry = whole.ToString();
            int end = KeyEnd(entry);
            yield return (Unescape(entry[..end], origin).Split('.'), Unescape(ValueOf(entry, end), origin), origin);
        }
    }

    /// <summary>An odd number of backslashes at the end joins the next line.</summary>
    private static bool EndsInContinuation(StringBuilder line)
    {
        int backslashes = 0;
        while (backslashes < line.Length && line[line.Length - 1 - backslashes] == '\\')
        {
            backslashes++;
        }

        return backslashes % 2 == 1;
    }

    private static int KeyEnd(string entry)
    {
        for (int i = 0; i < entry.Length; i++)
        {
            if (entry[i] == '\\')
            {
                i++;
            }
            else if (entry[i] is '=' or ':' or ' ' or '\t' or '\f')
            {
                return i;
            }
        }

        return entry.Length;
    }

    private static string ValueOf(string entry, int keyEnd)
    {
        string rest = entry[keyEnd..].TrimStart(' ', '\t', '\f');
        return rest.StartsWith('=') || rest.StartsWith(':') ? rest[1..].TrimStart(' ', '\t', '\f') : rest;
    }

    private static string Unescape(string text, ConfigOrigin origin)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        var plain = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || ++i == text.Length)
            {
                plain.Append(i < text.Length ? text[i] : null);
                continue;
            }

            if (text[i] == 'u')
            {
                plain.Append(i + 4 < text.Length && ushort.TryParse(
                    text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit)
                    ? (char)unit
                    : throw new HoconException("\\u must be followed by four hexadecimal digits.", origin));
                i += 4;
                continue;
            }

            plain.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', var c => c });
        }

        return plain.ToString();
    }
}
