using System.Text;

namespace GpuActors.Interception.Objects;

/// <summary>
/// Options of the compiler as the worker needs them: folders of header files with their whole paths, and the program's
/// working folder, where local OpenCL looks, too.
/// </summary>
internal static class BuildOptions
{
    private const string Include = "-I";

    /// <summary>The program's options; what is relative to its working folder no longer is.</summary>
    public static string ForWorker(string options, ReadOnlySpan<byte> source)
    {
        if (source.IndexOf("#include"u8) < 0 && source.IndexOf("# include"u8) < 0)
            return options;
        var made = new StringBuilder(options.Length + 128);
        var isFolder = false;
        foreach (Range range in Words(options))
        {
            ReadOnlySpan<char> word = options.AsSpan(range);
            bool names = word.StartsWith(Include, StringComparison.Ordinal);
            if (isFolder)
                made.Append(Include).Append(Whole(word));
            else if (names && word.Length > Include.Length)
                made.Append(Include).Append(Whole(word[Include.Length..]));
            else if (!names)
                made.Append(word);
            isFolder = !isFolder && names && word.Length == Include.Length;
            if (!isFolder)
                made.Append(' ');
        }
        return made.Append(Include).Append(Whole(".")).ToString();
    }

    /// <summary>The words: white space within quotes, or behind a backslash, parts none.</summary>
    private static List<Range> Words(string options)
    {
        var words = new List<Range>();
        int start = -1;
        char quote = '\0';
        for (var i = 0; i <= options.Length; i++)
        {
            bool isEnd = i == options.Length || (quote == '\0' && char.IsWhiteSpace(options[i]));
            if (isEnd && start >= 0)
                words.Add(start..i);
            if (isEnd)
            {
                start = -1;
                continue;
            }
            start = start < 0 ? i : start;
            if (options[i] == '\\')
                i = Math.Min(i + 1, options.Length - 1);
            else if (quote == '\0' && options[i] is '"' or '\'')
                quote = options[i];
            else if (options[i] == quote)
                quote = '\0';
        }
        return words;
    }

    /// <summary>A whole path; in quotes only if it has white space: not every compiler takes them off.</summary>
    private static string Whole(ReadOnlySpan<char> folder)
    {
        string whole = Path.GetFullPath(folder.Trim("\"'").ToString() is { Length: > 0 } bare ? bare : ".");
        return whole.Any(char.IsWhiteSpace) ? $"\"{whole}\"" : whole;
    }
}
