namespace GpuActors.Shell.Interactive;

/// <summary>A line being typed, and where in it the cursor is.</summary>
internal sealed class EditBuffer
{
    private const int MaxLength = 64 * 1024;

    public string Text { get; private set; } = "";

    public int Cursor { get; private set; }

    public string BeforeCursor => Text[..Cursor];

    public void Set(string text)
    {
        Text = text;
        Cursor = text.Length;
    }

    public void Insert(string text)
    {
        if (Text.Length + text.Length <= MaxLength)
        {
            Text = Text.Insert(Cursor, text);
            Cursor += text.Length;
        }
    }

    public void Move(int by) => Cursor = Math.Clamp(Cursor + by, 0, Text.Length);

    public void MoveToStart() => Cursor = 0;

    public void MoveToEnd() => Cursor = Text.Length;

    public void MoveWordBack() => Cursor = WordStart();

    public void MoveWordForward()
    {
        while (Cursor < Text.Length && Text[Cursor] == ' ')
        {
            Cursor++;
        }

        while (Cursor < Text.Length && Text[Cursor] != ' ')
        {
            Cursor++;
        }
    }

    public void DeleteBack() => RemoveFrom(Math.Max(0, Cursor - 1));

    public void DeleteForward()
    {
        if (Cursor < Text.Length)
        {
            Text = Text.Remove(Cursor, 1);
        }
    }

    public void DeleteWordBack() => RemoveFrom(WordStart());

    public void DeleteToStart() => RemoveFrom(0);

    public void DeleteToEnd() => Text = Text[..Cursor];

    private void RemoveFrom(int start)
    {
        Text = Text.Remove(start, Cursor - start);
        Cursor = start;
    }

    private int WordStart()
    {
        int start = Cursor;
        while (start > 0 && Text[start - 1] == ' ')
        {
            start--;
        }

        while (start > 0 && Text[start - 1] != ' ')
        {
            start--;
        }

        return start;
    }
}
