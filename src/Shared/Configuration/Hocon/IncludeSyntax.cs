namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>What an include statement asks for.</summary>
/// <param name="Name">The file's name, absolute or relative to the including file.</param>
/// <param name="Required">True when it is an error that the file does not exist.</param>
/// <param name="Origin">Where the statement stands.</param>
internal readonly record struct IncludeRequest(string Name, bool Required, ConfigOrigin Origin);

/// <summary>Reads what follows the word <c>include</c>.</summary>
internal static class IncludeSyntax
{
    public static IncludeRequest Take(TextCursor cursor)
    {
        cursor.SkipToContent();
        var origin = cursor.Here;
        bool required = cursor.At("required(");
        string name = required ? TakeCall(cursor, "required", TakeResource) : TakeResource(cursor);
        if (name.Length == 0)
        {
            throw new HoconException("The name of the file to include is empty.", origin);
        }

        if (IsUrl(name))
        {
            throw new HoconException(
                $"Only files can be included, not the URL {name}; fetch it first and include the file.", origin);
        }

        return new IncludeRequest(name, required, origin);
    }

    private static string TakeResource(TextCursor cursor)
    {
        if (cursor.At("file("))
        {
            return TakeCall(cursor, "file", TakeName);
        }

        foreach (string kind in (string[])["url", "classpath", "package"])
        {
            if (cursor.At(kind + "("))
            {
                throw cursor.Error($"include {kind}(...) is not supported; include a file by \"name\" or file(\"name\").");
            }
        }

        return TakeName(cursor);
    }

    private static string TakeName(TextCursor cursor) => cursor.Peek() == '"'
        ? QuotedText.Take(cursor)
        : throw cursor.Error(
            $"include must be followed by a quoted file name, file(\"name\") or required(...), but here is " +
            $"{cursor.Describe()}; quote \"include\" if it is meant as a key.");

    private static string TakeCall(TextCursor cursor, string name, Func<TextCursor, string> takeArgument)
    {
        cursor.Skip(name.Length + 1);
        cursor.SkipToContent();
        string argument = takeArgument(cursor);
        cursor.SkipToContent();
        if (cursor.Peek() != ')')
        {
            throw cursor.Error($"{name}( must be closed with ), but here is {cursor.Describe()}.");
        }

        cursor.Take();
        return argument;
    }

    private static bool IsUrl(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 1 && name.Take(colon).All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.');
    }
}
