using System.Globalization;
using System.IO.Compression;

namespace GpuActors.Scheduler.Simulation.Traces;

/// <summary>
/// A CSV file with a header, its columns found by name: values without quotes, as in the openb traces. A file whose name
/// ends with <c>.gz</c> is unpacked on the way.
/// </summary>
internal sealed class CsvTable
{
    private const int RowLimit = 10_000_000;

    private readonly string _path;
    private readonly Dictionary<string, int> _columns = new(StringComparer.OrdinalIgnoreCase);

    private CsvTable(string path, string[] header)
    {
        _path = path;
        for (var i = 0; i < header.Length; i++)
        {
            _columns[header[i].Trim()] = i;
        }
    }

    /// <summary>The rows of a file, each turned into a <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidDataException">A line is not as it should be; the message says which, and how.</exception>
    public static IReadOnlyList<T> Read<T>(string path, string[] required, Func<Row, T> parse)
    {
        using var file = File.OpenRead(path);
        using var unpacked = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var reader = new StreamReader(unpacked);
        var table = new CsvTable(path, (reader.ReadLine() ?? "").Split(','));
        if (Array.Find(required, name => !table._columns.ContainsKey(name)) is { } missing)
        {
            throw new InvalidDataException(
                $"{path}, line 1: there is no column '{missing}'; needed are: {string.Join(", ", required)}.");
        }

        var rows = new List<T>();
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (rows.Count >= RowLimit)
            {
                throw new InvalidDataException($"{path} has more than {RowLimit} rows.");
            }

            if (text.Length > 0)
            {
                rows.Add(parse(new Row(table, line, text.Split(','))));
            }
        }

        return rows;
    }

    /// <summary>One line.</summary>
    internal readonly struct Row(CsvTable table, int line, string[] values)
    {
        /// <summary>The text of a column; empty if there is none.</summary>
        public string Text(string column) =>
            table._columns.TryGetValue(column, out var index) && index < values.Length ? values[index].Trim() : "";

        /// <summary>A whole number from 0 to <paramref name="most"/>.</summary>
        public int Number(string column, int most = int.MaxValue) =>
            int.TryParse(Text(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
                ? number
                : throw Wrong(column, $"a whole number from 0 to {most}");

        /// <summary>A point in time in seconds; null if there is none.</summary>
        public long? Seconds(string column)
        {
            var text = Text(column);
            return text.Length == 0 ? null
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
                    ? (long)seconds
                    : throw Wrong(column, "seconds");
        }

        /// <summary>What is wrong with a column.</summary>
        public InvalidDataException Wrong(string column, string right) =>
            new($"{table._path}, line {line}: {column} is '{Text(column)}', but must be {right}.");
    }
}
