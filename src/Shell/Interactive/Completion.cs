namespace GpuActors.Shell.Interactive;

/// <summary>What could stand where the cursor is.</summary>
/// <param name="Word">What is typed of it.</param>
/// <param name="Candidates">All that begin like that.</param>
internal sealed record Completion(string Word, IReadOnlyList<string> Candidates)
{
    public static Completion None { get; } = new("", []);

    /// <summary>What can be typed for the user: the rest of the only candidate, or what all candidates share.</summary>
    public string Addition
    {
        get
        {
            if (Candidates.Count == 0)
            {
                return "";
            }

            string shared = Candidates.Aggregate(SharedStart);
            string rest = shared[Math.Min(Word.Length, shared.Length)..];
            return Candidates.Count == 1 && !shared.EndsWith('/') ? rest + " " : rest;
        }
    }

    private static string SharedStart(string a, string b)
    {
        int length = 0;
        while (length < a.Length && length < b.Length && a[length] == b[length])
        {
            length++;
        }

        return a[..length];
    }
}
