namespace GpuActors.Shell.Interactive;

/// <summary>Keys in, characters out.</summary>
internal interface ITerminal
{
    /// <summary>Columns of a line.</summary>
    int Width { get; }

    /// <summary>The next key; null when the terminal has gone.</summary>
    ConsoleKeyInfo? ReadKey();

    /// <summary>Writes text, with ANSI sequences.</summary>
    void Write(string text);
}

/// <summary>The process's own terminal.</summary>
internal sealed class ConsoleTerminal : ITerminal
{
    public int Width
    {
        get
        {
            const int fallback = 80;
            try
            {
                return Console.WindowWidth is > 0 and var width ? width : fallback;
            }
            catch (IOException)
            {
                return fallback;
            }
        }
    }

    public ConsoleKeyInfo? ReadKey()
    {
        try
        {
            return Console.ReadKey(intercept: true);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }
}
