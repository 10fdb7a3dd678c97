namespace GpuActors.Shell.Interactive;

/// <summary>What came of reading a line.</summary>
internal enum LineEnd
{
    /// <summary>Enter.</summary>
    Entered,

    /// <summary>Ctrl-C: the line is dropped.</summary>
    Dropped,

    /// <summary>Ctrl-D on an empty line, or the terminal has gone.</summary>
    Closed,
}

/// <summary>
/// Edits one line at a time: arrows, Home, End, words with Ctrl, Emacs' common keys, history, and completion with Tab
/// (a second Tab lists what there is). A line that is longer than the terminal scrolls sideways.
/// </summary>
internal sealed class LineEditor(
    ITerminal terminal, History history, Func<string, Task<Completion>> completeAsync)
{
    /// <summary>Puts the cursor at the top of an empty screen.</summary>
    public const string ClearScreen = "\x1b[H\x1b[2J";

    private const string ClearLine = "\r\x1b[K";

    private EditBuffer _buffer = new();
    private string _prompt = "";
    private bool _tabbed;

    public async Task<(LineEnd End, string Line)> ReadAsync(string prompt)
    {
        _buffer = new EditBuffer();
        _prompt = prompt;
        _tabbed = false;
        Draw();
        while (terminal.ReadKey() is { } key)
        {
            if (Finish(key) is { } end)
            {
                terminal.Write("\r\n");
                return (end, _buffer.Text);
            }

            bool tab = key.Key == ConsoleKey.Tab;
            if (tab)
            {
                await CompleteAsync();
            }
            else
            {
                Apply(key);
            }

            _tabbed = tab;
            Draw();
        }

        return (LineEnd.Closed, "");
    }

    private LineEnd? Finish(ConsoleKeyInfo key)
    {
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        return key.Key switch
        {
            ConsoleKey.Enter => LineEnd.Entered,
            ConsoleKey.C when control => LineEnd.Dropped,
            ConsoleKey.D when control && _buffer.Text.Length == 0 => LineEnd.Closed,
            _ => null,
        };
    }

    private void Apply(ConsoleKeyInfo key)
    {
        if (key.Modifiers.HasFlag(ConsoleModifiers.Control) && key.Key != ConsoleKey.Backspace)
        {
            ApplyControl(key.Key);
            return;
        }

        switch (key.Key)
        {
            case ConsoleKey.LeftArrow:
                _buffer.Move(-1);
                break;
            case ConsoleKey.RightArrow:
                _buffer.Move(1);
                break;
            case ConsoleKey.Home:
                _buffer.MoveToStart();
                break;
            case ConsoleKey.End:
                _buffer.MoveToEnd();
                break;
            case ConsoleKey.UpArrow:
                Show(history.Back(_buffer.Text));
                break;
            case ConsoleKey.DownArrow:
                Show(history.Forward());
                break;
            case ConsoleKey.Backspace:
                _buffer.DeleteBack();
                break;
            case ConsoleKey.Delete:
                _buffer.DeleteForward();
                break;
            case ConsoleKey.Escape:
                _buffer.Set("");
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _buffer.Insert(key.KeyChar.ToString());
                }

                break;
        }
    }

    private void ApplyControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.A:
                _buffer.MoveToStart();
                break;
            case ConsoleKey.E:
                _buffer.MoveToEnd();
                break;
            case ConsoleKey.B:
                _buffer.Move(-1);
                break;
            case ConsoleKey.F:
                _buffer.Move(1);
                break;
            case ConsoleKey.LeftArrow:
                _buffer.MoveWordBack();
                break;
            case ConsoleKey.RightArrow:
                _buffer.MoveWordForward();
                break;
            case ConsoleKey.D:
                _buffer.DeleteForward();
                break;
            case ConsoleKey.H:
                _buffer.DeleteBack();
                break;
            case ConsoleKey.W:
                _buffer.DeleteWordBack();
                break;
            case ConsoleKey.U:
                _buffer.DeleteToStart();
                break;
            case ConsoleKey.K:
                _buffer.DeleteToEnd();
                break;
            case ConsoleKey.P:
                Show(history.Back(_buffer.Text));
                break;
            case ConsoleKey.N:
                Show(history.Forward());
                break;
            case ConsoleKey.L:
                terminal.Write(ClearScreen);
                break;
        }
    }

    private void Show(string? line)
    {
        if (line is not null)
        {
            _buffer.Set(line);
        }
    }

    private async Task CompleteAsync()
    {
        var completion = await completeAsync(_buffer.BeforeCursor);
        string added = completion.Addition;
        if (added.Length > 0)
        {
            _buffer.Insert(added);
        }
        else if (_tabbed && completion.Candidates.Count > 0)
        {
            terminal.Write("\r\n" + ColumnLayout.Of(completion.Candidates, terminal.Width));
        }
    }

    private void Draw()
    {
        int room = Math.Max(1, terminal.Width - _prompt.Length - 1);
        int first = Math.Max(0, _buffer.Cursor - room);
        string shown = _buffer.Text[first..Math.Min(_buffer.Text.Length, first + room)];
        int back = shown.Length - (_buffer.Cursor - first);
        terminal.Write($"{ClearLine}{_prompt}{shown}{(back > 0 ? $"\x1b[{back}D" : "")}");
    }
}
