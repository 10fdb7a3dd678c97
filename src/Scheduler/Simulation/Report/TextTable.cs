using System.Globalization;
using System.Text;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>
/// Cells under headings, in columns that are aligned: the first to the left, the others to the right.
/// </summary>
public sealed class TextTable(params IReadOnlyList<string> columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>The headings.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>The rows, each with a cell for every column.</summary>
    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Adds a row: texts, and numbers with two digits.</summary>
    public void Add(params IEnumerable<object> cells) => _rows.Add([.. cells.Select(TextOf)]);

    /// <summary>Lines with two blanks between the columns.</summary>
    public string Render()
    {
        var widths = columns
            .Select((title, i) => _rows.Select(row => row[i].Length).Append(title.Length).Max()).ToArray();
        var text = new StringBuilder();
        foreach (var row in _rows.Prepend([.. columns.Select(title => title.ToUpperInvariant())]))
        {
            var cells = row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static string TextOf(object cell) => cell switch
    {
        double number => number.ToString("0.00", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{cell}",
    };
}
