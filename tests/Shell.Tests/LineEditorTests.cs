using GpuActors.Shell.Interactive;

namespace GpuActors.Shell.Tests;

public class LineEditorTests
{
    private readonly FakeTerminal _terminal = new();
    private readonly History _history = new(null);
    private Completion _completion = Completion.None;

    private async Task<(LineEnd End, string Line)> TypeAsync(params object[] keys)
    {
        _terminal.Type(keys);
        return await new LineEditor(_terminal, _history, _ => Task.FromResult(_completion)).ReadAsync("> ");
    }

    [Theory]
    [InlineData("job", ConsoleKey.LeftArrow, "x", "joxb")]
    [InlineData("job", ConsoleKey.Home, "x", "xjob")]
    [InlineData("job", ConsoleKey.Backspace, "x", "jox")]
    [InlineData("job", ConsoleKey.Delete, "x", "jobx")]
    [InlineData("job", ConsoleKey.Escape, "x", "x")]
    [InlineData("job", ConsoleKey.RightArrow, "x", "jobx")]
    public async Task Keys_edit_the_line(string typed, ConsoleKey key, string then, string line) =>
        (await TypeAsync(typed, key, then, ConsoleKey.Enter)).ShouldBe((LineEnd.Entered, line));

    [Theory]
    [InlineData(ConsoleKey.A, "Xjob show j1")]
    [InlineData(ConsoleKey.E, "job show j1X")]
    [InlineData(ConsoleKey.B, "job show jX1")]
    [InlineData(ConsoleKey.U, "X")]
    [InlineData(ConsoleKey.W, "job show X")]
    [InlineData(ConsoleKey.H, "job show jX")]
    [InlineData(ConsoleKey.LeftArrow, "job show Xj1")]
    public async Task Keys_with_control_are_those_of_other_shells(ConsoleKey key, string line) =>
        (await TypeAsync("job show j1", FakeTerminal.Control(key), "X", ConsoleKey.Enter)).Line.ShouldBe(line);

    [Fact]
    public async Task The_rest_of_the_line_can_be_cut()
    {
        (await TypeAsync("abc def", ConsoleKey.Home, FakeTerminal.Control(ConsoleKey.RightArrow),
            FakeTerminal.Control(ConsoleKey.K), ConsoleKey.Enter)).Line.ShouldBe("abc");
        (await TypeAsync("abc", ConsoleKey.Home, FakeTerminal.Control(ConsoleKey.D), ConsoleKey.Enter)).Line.ShouldBe("bc");
    }

    [Fact]
    public async Task A_line_ends_by_enter_control_c_or_control_d()
    {
        (await TypeAsync("x", FakeTerminal.Control(ConsoleKey.C))).End.ShouldBe(LineEnd.Dropped);
        (await TypeAsync(FakeTerminal.Control(ConsoleKey.D))).End.ShouldBe(LineEnd.Closed);
        (await TypeAsync("terminal gone")).End.ShouldBe(LineEnd.Closed);
    }

    [Fact]
    public async Task Older_lines_come_back_and_what_was_typed_is_kept()
    {
        _history.Add("one");
        _history.Add("two");

        (await TypeAsync(ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.Enter)).Line.ShouldBe("one");
        _history.Add("three");
        (await TypeAsync("dra", ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.DownArrow, ConsoleKey.DownArrow, "ft", ConsoleKey.Enter))
            .Line.ShouldBe("draft");
    }

    [Fact]
    public async Task Tab_types_the_only_candidate_or_what_all_share()
    {
        _completion = new Completion("sh", ["show"]);
        (await TypeAsync("job sh", ConsoleKey.Tab, "j1", ConsoleKey.Enter)).Line.ShouldBe("job show j1");
        _completion = new Completion("j", ["job-1", "job-2"]);
        (await TypeAsync("j", ConsoleKey.Tab, ConsoleKey.Enter)).Line.ShouldBe("job-");
        _completion = new Completion("sam", ["samples/"]);
        (await TypeAsync("sam", ConsoleKey.Tab, ConsoleKey.Enter)).Line.ShouldBe("samples/");
    }

    [Fact]
    public async Task A_second_tab_lists_what_there_is()
    {
        _completion = new Completion("job-", ["job-1", "job-2"]);

        await TypeAsync("job-", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter);

        _terminal.Written.ShouldContain("job-1  job-2");
    }

    [Fact]
    public async Task A_line_that_is_longer_than_the_terminal_scrolls()
    {
        _terminal.Width = 20;

        (await TypeAsync(new string('a', 30) + "END", ConsoleKey.Enter)).Line.Length.ShouldBe(33);

        _terminal.Written.Split('\r').ShouldAllBe(drawn => drawn.Replace("\x1b[K", "").TrimEnd('\n').Length < 20);
        _terminal.Written.ShouldContain("aEND");
    }

    private sealed class FakeTerminal : ITerminal
    {
        private readonly Queue<ConsoleKeyInfo> _keys = new();

        public int Width { get; set; } = 80;

        public string Written { get; private set; } = "";

        public static ConsoleKeyInfo Control(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: true);

        public void Type(object[] keys)
        {
            foreach (object key in keys)
            {
                if (key is string text)
                {
                    foreach (char c in text)
                    {
                        _keys.Enqueue(new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false));
                    }
                }
                else
                {
                    _keys.Enqueue(key is ConsoleKeyInfo info ? info : new ConsoleKeyInfo('\0', (ConsoleKey)key, false, false, false));
                }
            }
        }

        public ConsoleKeyInfo? ReadKey() => _keys.TryDequeue(out var key) ? key : null;

        public void Write(string text) => Written += text;
    }
}
