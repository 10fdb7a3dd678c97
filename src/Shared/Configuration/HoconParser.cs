using GpuActors.Shared.Configuration.Hocon;

namespace GpuActors.Shared.Configuration;

/// <summary>
/// Parses HOCON (https://github.com/lightbend/config/blob/main/HOCON.md) into documents whose substitutions are still
/// open. What is deliberately not there: including URLs and Java's classpath, and system properties.
/// </summary>
public static class HoconParser
{
    /// <summary>Parses a file and what it includes. A .json file must be JSON.</summary>
    /// <exception cref="HoconException">It does not exist, or it or something that it includes is not HOCON.</exception>
    public static HoconDocument ParseFile(string path) => new(IncludeReader.ReadRoot(path));

    /// <summary>Parses a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Its name in messages.</param>
    /// <param name="folder">What the names of included files are relative to; null refuses relative names.</param>
    /// <exception cref="HoconException">It, or something that it includes, is not HOCON.</exception>
    public static HoconDocument ParseString(string text, string source = "text", string? folder = null)
    {
        var origin = new ConfigOrigin(source, 1, 1);
        if (text.Length > HoconLimits.MaxFileBytes)
        {
            throw new HoconException($"A configuration has at most {HoconLimits.MaxFileBytes} characters.", origin);
        }

        return new HoconDocument(DocumentParser.Parse(text, source, IncludeReader.ForText(folder), [[]]));
    }

    /// <summary>Parses UTF-8 bytes.</summary>
    /// <exception cref="HoconException">They are not UTF-8, or not HOCON.</exception>
    public static HoconDocument ParseUtf8(ReadOnlySpan<byte> utf8, string source = "text", string? folder = null) =>
        ParseString(SourceText.Decode(utf8, source), source, folder);
}
