using GpuActors.Shell.Top;
using Spectre.Console;
using static GpuActors.Shell.Tests.Top.Looks;

namespace GpuActors.Shell.Tests.Top;

public sealed class TopViewTests
{
    [Fact]
    public void Each_slice_has_a_bar_below_its_gpu()
    {
        var history = new UsageHistory();
        var mine = Slice("a/0/s1", "acme/[red]job[/]", profile: "1g.5gb");
        var other = Slice("a/0/s2", "globex/1");
        history.Add([Gpu("a/0", mine, other)], [Usage(mine, 1, 0), Usage(other, 1, 0)]);

        var text = Draw(history.Add(
            [Gpu("a/0", mine, other), Gpu("a/1")],
            [Usage(mine, 2, busy: 0.5, throttled: 0.25, kernels: 120, bytesIn: 1 << 20), Usage(other, 2, busy: 0)]));

        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        lines[1].ShouldMatch(@"^a/0 +mig +A100-SXM4-40GB$");
        lines[2].ShouldMatch(
            @"^s1 +1g\.5gb +█{10}▒{5}·{5} +50 % +25 % +1 GiB of 5 GiB +120 +1 MiB +2 MiB +acme/\[red\]job\[/\]$");
        lines[3].ShouldMatch(@"^s2 +25 % +·{20} +0 % +0 % +1 GiB of 5 GiB +0 +0 B +0 B +globex/1$");
        lines[4].ShouldStartWith("No session runs on 1 more GPU(s).");
    }

    [Fact]
    public void What_is_not_known_yet_is_left_open()
    {
        var text = Draw(new UsageHistory().Add([Gpu("a/0", Slice("a/0/s1", "acme/1"))], []));

        text.ShouldMatch(@"s1 +25 % +·{20} +- +- +- of 5 GiB +- +- +- +acme/1");
    }

    [Theory]
    [InlineData(0, "There are no GPUs.")]
    [InlineData(3, "No session runs on 3 GPU(s).")]
    public void Nothing_to_draw_is_said(int gpus, string words) =>
        Draw(new UsageHistory().Add([.. Enumerable.Range(0, gpus).Select(i => Gpu($"a/{i}"))], [])).Trim().ShouldBe(words);

    [Theory]
    [InlineData(1, 1, 20, 0)]
    [InlineData(0.9, 0.5, 18, 2)]
    [InlineData(0, 1, 0, 20)]
    public void A_bar_is_never_longer_than_its_place(double busy, double throttled, int busyCells, int throttledCells)
    {
        var text = Draw(console => console.Write(TopView.Bar(new SliceRates(busy, 1, throttled, 0, 0, 0))));

        text.Trim().ShouldBe(
            new string('█', busyCells) + new string('▒', throttledCells) + new string('·', 20 - busyCells - throttledCells));
    }

    [Fact]
    public void Busy_and_throttled_have_colours_of_their_own()
    {
        var text = Draw(console => console.Write(TopView.Bar(new SliceRates(0.5, 1, 0.5, 0, 0, 0))), colours: true);

        var colours = text.Split('█', '▒').Where(part => part.Contains("\u001b[", StringComparison.Ordinal)).Distinct();
        colours.Count().ShouldBeGreaterThanOrEqualTo(2);
    }

    private static string Draw(IReadOnlyList<GpuRows> rows) => Draw(console => console.Write(TopView.Of(rows, live: false)));

    private static string Draw(Action<IAnsiConsole> write, bool colours = false)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.TrueColor : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 200;
        console.Profile.Capabilities.Unicode = true;
        write(console);
        return output.ToString();
    }
}
