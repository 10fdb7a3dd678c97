namespace GpuActors.Shell.Output;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="AlignRight">For numbers.</param>
internal readonly record struct Column(string Title, bool AlignRight = false);

/// <summary>Rows of texts under headings.</summary>
internal sealed class Table(params IReadOnlyList<Column> columns)
{
    private readonly List<string[]> _rows = [];

    public IReadOnlyList<Column> Columns { get; } = columns;

    public IReadOnlyList<string[]> Rows => _rows;

    public void Add(params string[] cells) => _rows.Add(cells);
}
