using System.Text;

namespace GpuActors.Shell.Interactive;

/// <summary>Lays words out in columns.</summary>
internal static class ColumnLayout
{
    private const int MaxWords = 200;

    /// <summary>The words in rows that fit the width; at most some, with a count of the others.</summary>
    public static string Of(IReadOnlyList<string> words, int width)
    {
        var shown = words.Take(MaxWords).ToList();
        int column = shown.Max(w => w.Length) + 2;
        int perRow = Math.Max(1, width / column);
        var text = new StringBuilder();
        for (int i = 0; i < shown.Count; i++)
        {
            bool last = i % perRow == perRow - 1 || i == shown.Count - 1;
            text.Append(last ? shown[i] + "\r\n" : shown[i].PadRight(column));
        }

        return words.Count > MaxWords ? text.Append($"… and {words.Count - MaxWords} more\r\n").ToString() : text.ToString();
    }
}
