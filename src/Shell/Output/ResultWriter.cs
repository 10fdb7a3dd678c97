using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Shared.Api;
using Spectre.Console;

namespace GpuActors.Shell.Output;

/// <summary>Writes results: as JSON, as drawn tables on a terminal, or as plain lines for other programs.</summary>
internal sealed class ResultWriter(ShellEnvironment environment, bool json)
{
    private static readonly JsonSerializerOptions Indented = new(ApiJsonContext.Default.Options)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>True when results are wanted as JSON and nothing else may be written.</summary>
    public bool Json { get; } = json;

    /// <summary>True when there may be colours and live views.</summary>
    public bool Drawn { get; } = environment.OutIsTerminal && !json;

    /// <summary>A document on several lines.</summary>
    public void WriteJson<T>(T value) =>
        environment.Out.WriteLine(JsonSerializer.Serialize(value, (JsonTypeInfo<T>)Indented.GetTypeInfo(typeof(T))));

    public void WriteLine(string text) => environment.Out.WriteLine(text);

    /// <summary>A table; when it has no rows, the words that say so.</summary>
    public void WriteTable(Table table, string empty)
    {
        if (Drawn && table.Rows.Count > 0)
        {
            Draw(table);
        }
        else if (Drawn)
        {
            WriteLine(empty);
        }
        else
        {
            WritePlain(table);
        }
    }

    /// <summary>Labels with their values; those without a value are left out.</summary>
    public void WriteDetails(params IReadOnlyList<(string Label, string? Value)> details)
    {
        var known = details.Where(d => !string.IsNullOrEmpty(d.Value)).ToList();
        int width = known.Select(d => d.Label.Length).DefaultIfEmpty().Max();
        foreach (var (label, value) in known)
        {
            string indented = value!.TrimEnd().ReplaceLineEndings("\n" + new string(' ', width + 2));
            environment.Out.WriteLine($"{(label + ":").PadRight(width + 1)} {indented}");
        }
    }

    private void Draw(Table table)
    {
        var drawn = new Spectre.Console.Table { Border = TableBorder.Rounded };
        foreach (var column in table.Columns)
        {
            var header = new TableColumn(new Text(column.Title, new Style(decoration: Decoration.Bold)));
            drawn.AddColumn(column.AlignRight ? header.RightAligned() : header);
        }

        foreach (string[] row in table.Rows)
        {
            drawn.AddRow(row.Select(cell => new Text(cell, StateStyles.Of(cell))));
        }

        environment.Drawing.Write(drawn);
    }

    /// <summary>Aligned columns with two blanks between, one line a row, never cut.</summary>
    private void WritePlain(Table table)
    {
        int[] widths = [.. table.Columns.Select((column, i) =>
            table.Rows.Select(row => row[i].Length).Append(column.Title.Length).Max())];
        WritePlain(table, [.. table.Columns.Select(c => c.Title.ToUpperInvariant())], widths);
        foreach (string[] row in table.Rows)
        {
            WritePlain(table, row, widths);
        }
    }

    private void WritePlain(Table table, string[] cells, int[] widths) =>
        environment.Out.WriteLine(string.Join("  ", cells.Select((cell, i) =>
            table.Columns[i].AlignRight ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
}
