namespace GpuActors.Shared.Configuration;

/// <summary>Finds what a mistyped or misplaced name was probably meant to be.</summary>
public static class NearestName
{
    /// <summary>
    /// The full path of the setting that is most like <paramref name="path"/>: a similar name in the same section, or
    /// else the same name in another section; null when nothing is like it.
    /// </summary>
    internal static string? Find(string[] path, ConfigObject section, ConfigObject root)
    {
        string key = path[^1];
        string? similar = Nearest(key, section.Fields.Keys);
        if (similar is not null)
        {
            return ConfigPath.Render([.. path[..^1], similar]);
        }

        var elsewhere = PathsOf(key, root, []).ToList();
        return elsewhere.Count == 1 ? ConfigPath.Render(elsewhere[0]) : null;
    }

    /// <summary>The name with the fewest edits, if they are few for the length of the word.</summary>
    public static string? Nearest(string word, IEnumerable<string> names)
    {
        const int longest = 100;
        int limit = Math.Max(1, word.Length / 3);
        return names.Where(name => Math.Max(word.Length, name.Length) <= longest)
            .Select(name => (name, Edits: Edits(word, name)))
            .Where(candidate => candidate.Edits <= limit)
            .OrderBy(candidate => candidate.Edits)
            .Select(candidate => candidate.name)
            .FirstOrDefault();
    }

    private static IEnumerable<string[]> PathsOf(string key, ConfigObject section, string[] path)
    {
        foreach (var (name, value) in section.Fields)
        {
            string[] at = [.. path, name];
            if (name == key)
            {
                yield return at;
            }

            if (value is ConfigObject below)
            {
                foreach (string[] found in PathsOf(key, below, at))
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>Levenshtein's distance, where a swap of neighbours counts as one edit.</summary>
    private static int Edits(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(
                        Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1,
                        edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
                }
            }
        }

        return edits[a.Length, b.Length];
    }
}
