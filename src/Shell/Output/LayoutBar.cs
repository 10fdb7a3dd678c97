using System.Globalization;
using System.Text;
using GpuActors.Shared.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GpuActors.Shell.Output;

/// <summary>
/// Draws parts of a whole as a bar: a coloured field for each slice with its name in it, dots where nobody is, and a
/// scale below.
/// </summary>
/// <param name="parts">From 0 to <paramref name="total"/> without gaps.</param>
/// <param name="total">The whole, in units.</param>
internal sealed class LayoutBar(IReadOnlyList<LayoutPart> parts, long total)
{
    private const int ColumnsMax = 96;
    private const int ColumnsOfUnitMax = 9;
    private const char Free = '·';
    private const char Taken = '▒';

    private static readonly Color[] Palette =
    [
        Color.SteelBlue1, Color.LightGreen, Color.Gold1, Color.Salmon1, Color.MediumPurple1, Color.Aquamarine1,
        Color.Pink1, Color.Khaki1,
    ];

    private static readonly Style Dim = new(Color.Grey);

    /// <summary>Columns that the bar takes on a terminal: a whole number for each unit if there are few.</summary>
    public int ColumnsOn(int terminal)
    {
        var most = Math.Max(1, Math.Min(ColumnsMax, terminal - 1));
        return total <= most ? (int)(total * Math.Min(ColumnsOfUnitMax, most / total)) : most;
    }

    /// <summary>The lines of the bar: names, what is free as dots, the scale.</summary>
    /// <param name="terminal">Columns of the terminal.</param>
    /// <param name="marks">What stands below which unit, ascending; what has no room is left out.</param>
    public IReadOnlyList<IRenderable> Draw(int terminal, IEnumerable<(long Unit, string Text)> marks)
    {
        var columns = ColumnsOn(terminal);
        return
        [
            Row(columns, slice => [$"{LayoutPart.NameOf(slice)} {Words.Kind(slice)}", LayoutPart.NameOf(slice)]),
            Row(columns, slice => [slice.Session, slice.Session[(slice.Session.IndexOf('/') + 1)..]]),
            new Text(Scale(columns, marks), Dim),
        ];
    }

    /// <summary>The parts in words: <c>0-3 free, 4-7 s0 3g.20gb</c>.</summary>
    public string Describe(Func<long, string> unit, bool inclusive) => string.Join(", ", parts.Select(part =>
    {
        var last = inclusive ? part.To - 1 : part.To;
        return last == part.From ? $"{unit(part.From)} {part.Label}" : $"{unit(part.From)}-{unit(last)} {part.Label}";
    }));

    /// <param name="columns">Of the bar.</param>
    /// <param name="textsOf">What may stand in a slice's field: the first that fits.</param>
    private Paragraph Row(int columns, Func<SliceStatus, string[]> textsOf)
    {
        var row = new Paragraph();
        var slices = 0;
        foreach (var part in parts)
        {
            var width = ColumnOf(part.To, columns) - ColumnOf(part.From, columns);
            if (part.Slice is not { } slice)
            {
                row.Append(new string(part.IsFree ? Free : Taken, width), Dim);
            }
            else
            {
                row.Append(Fit(textsOf(slice), width), new Style(Color.Black, Palette[slices++ % Palette.Length]));
            }
        }

        return row;
    }

    /// <summary>Text in a field between blanks; the last one is cut if none fits.</summary>
    private static string Fit(string[] texts, int width)
    {
        var room = Math.Max(0, width - 2);
        var shown = Array.Find(texts, text => text.Length <= room)
            ?? (room > 1 ? texts[^1][..(room - 1)] + "…" : "");
        return (width > 0 ? " " + shown : "").PadRight(width);
    }

    private string Scale(int columns, IEnumerable<(long Unit, string Text)> marks)
    {
        var line = new StringBuilder();
        foreach (var (unit, text) in marks)
        {
            var at = ColumnOf(unit, columns);
            if (line.Length == 0 ? at == 0 : at > line.Length)
            {
                line.Append(' ', at - line.Length).Append(text);
            }
        }

        return line.ToString();
    }

    private int ColumnOf(long unit, int columns) => (int)Math.Round((double)unit * columns / Math.Max(1, total));

    /// <summary>A number as it stands on a scale.</summary>
    public static string Number(long unit) => unit.ToString(CultureInfo.InvariantCulture);
}
