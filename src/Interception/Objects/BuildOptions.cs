using System.Text;

namespace GpuActors.Interception.Objects;

/// <summary>Options of the compiler as the worker needs them: the folders of <c>-I</c> with their whole paths.</summary>
internal static class BuildOptions
{
    private const string Include = "-I";

    /// <summary>The program's options; what is relative to its working folder no longer is.</summary>
    public static string ForWorker(string options)
    {
        if (!options.Contains(Include, StringComparison.Ordinal))
            return options;
        var made = new StringBuilder(options.Length + 64);
        var isFolder = false;
        foreach (Range range in Words(options))
        {
            ReadOnlySpan<char> word = options.AsSpan(range);
            bool names = word.StartsWith(Include, StringComparison.Ordinal);
            if (isFolder)
                made.Append(Whole(word));
            else if (names && word.Length > Include.Length)
                made.Append(Include).Append(Whole(word[Include.Length..]));
            else
                made.Append(word);
            isFolder = !isFolder && names && word.Length == Include.Length;
            made.Append(' ');
        }
        return made.ToString().TrimEnd();
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

    private static string Whole(ReadOnlySpan<char> folder)
    {
        bool isQuoted = folder.Length > 1 && folder[0] is '"' or '\'' && folder[^1] == folder[0];
        string bare = (isQuoted ? folder[1..^1] : folder).ToString();
        string whole = bare.Length == 0 ? bare : Path.GetFullPath(bare);
        return isQuoted ? $"{folder[0]}{whole}{folder[0]}" : whole;
    }
}
