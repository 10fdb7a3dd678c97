using System.Text;
using GpuActors.Shared.Configuration.Hocon;

namespace GpuActors.Shared.Configuration;

/// <summary>Path expressions: keys with dots between them, a key with special characters in quotes.</summary>
public static class ConfigPath
{
    /// <summary>The keys of a path expression such as <c>a.b."c.d"</c>.</summary>
    /// <exception cref="HoconException">It is not one.</exception>
    public static string[] Parse(string path)
    {
        var cursor = new TextCursor(path, $"path \"{path}\"");
        cursor.TakeBlank();
        var keys = PathReader.Take(cursor);
        return cursor.AtEnd ? keys : throw cursor.Error($"{cursor.Describe()} must be quoted in a path.");
    }

    /// <summary>The path expression for keys; those that need it are quoted.</summary>
    public static string Render(IEnumerable<string> keys)
    {
        var path = new StringBuilder();
        foreach (string key in keys)
        {
            if (path.Length > 0)
            {
                path.Append('.');
            }

            AppendKey(path, key);
        }

        return path.ToString();
    }

    internal static void AppendKey(StringBuilder target, string key)
    {
        bool plain = key.Length > 0 && key != "include" && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        if (plain)
        {
            target.Append(key);
        }
        else
        {
            QuotedText.Append(target, key);
        }
    }
}
