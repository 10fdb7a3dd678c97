namespace GpuActors.Shell.Interactive;

/// <summary>Lines typed before, kept in a file of the user's own. Lines with a ticket in them are not kept.</summary>
internal sealed class History
{
    private const int MaxLines = 1000;
    private const int MaxFileBytes = 1024 * 1024;

    private readonly string? _path;
    private readonly List<string> _lines = [];
    private int _at;
    private string _draft = "";

    /// <summary>The history in a file; null keeps it in memory only. A file that cannot be read is begun anew.</summary>
    public History(string? path)
    {
        _path = path;
        try
        {
            if (path is not null && new FileInfo(path) is { Exists: true, Length: < MaxFileBytes })
            {
                _lines.AddRange(File.ReadLines(path).Where(l => l.Length > 0).TakeLast(MaxLines));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A prompt without its history is better than none.
        }

        _at = _lines.Count;
    }

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Keeps a line, unless it is the same as the last.</summary>
    public void Add(string line)
    {
        if (line.Trim().Length > 0 && !line.Contains("--ticket", StringComparison.Ordinal) && _lines.LastOrDefault() != line)
        {
            _lines.Add(line);
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveAt(0);
            }

            Save();
        }

        _at = _lines.Count;
        _draft = "";
    }

    /// <summary>The line before the one shown; null at the oldest. The first step keeps what is being typed.</summary>
    public string? Back(string typed)
    {
        if (_at == 0)
        {
            return null;
        }

        if (_at == _lines.Count)
        {
            _draft = typed;
        }

        return _lines[--_at];
    }

    /// <summary>The line after the one shown, in the end what was being typed; null when that is shown.</summary>
    public string? Forward()
    {
        if (_at == _lines.Count)
        {
            return null;
        }

        return ++_at == _lines.Count ? _draft : _lines[_at];
    }

    private void Save()
    {
        if (_path is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllLines(_path, _lines);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is kept in memory; a read-only home folder must not spoil the prompt.
        }
    }
}
