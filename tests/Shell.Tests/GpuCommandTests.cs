using System.Text;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shell.Output;
using Spectre.Console;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

public sealed class GpuCommandTests : ShellFixture
{
    private static readonly SliceStatus Mig = new()
    {
        Id = "h/0/s0", Host = "h", Gpu = "h/0", Session = "acme/train", Mode = GpuMode.Mig, Profile = "3g.20gb", Start = 4, Size = 4,
        ComputeUnits = 42, MemoryBytes = 19968L << 20,
    };

    private static readonly GpuStatus Cut = new()
    {
        Id = "h/0", Host = "h", Name = "pthread-x", Model = "A100-SXM4-40GB", Presented = true, ComputeUnits = 108,
        MemoryTotalBytes = 40L << 30, MemoryFreeBytes = 20L << 30, ComputeFreePercent = 61.1, Mode = GpuMode.Mig,
        AllowedModes = [GpuMode.Passthrough, GpuMode.Mig], Line = 8, LineFree = [0, 1, 3],
        Slices = [Mig],
        Profiles =
        [
            new ProfileStatus
            {
                Name = "1g.5gb", Mode = GpuMode.Mig, Fits = 3, Size = 1, Starts = [0, 1, 3], ComputeUnits = 14, MemoryBytes = 4864L << 20,
            },
            new ProfileStatus { Name = "4g.20gb", Mode = GpuMode.Mig, Fits = 0, Size = 4, ComputeUnits = 56, MemoryBytes = 19968L << 20 },
        ],
    };

    private static readonly GpuStatus Shared = Cut with
    {
        Mode = GpuMode.Shared, ModeSetting = GpuMode.Shared, Line = null, LineFree = [], Profiles = null, ComputeFreePercent = 25,
        MemoryFreeBytes = 10L << 30,
        Slices =
        [
            Mig with
            {
                Mode = GpuMode.Shared, Profile = null, Start = null, Size = null, ComputeUnits = 0, MemoryBytes = 10L << 30,
                ComputePercent = 50, Shares = ShareLevel.High, LimitPercent = 80,
            },
        ],
    };

    [Fact]
    public async Task A_GPU_is_told_in_plain_lines()
    {
        Server.On("GET /v1/hosts/h/gpus/0", Json(Cut, ApiJsonContext.Default.GpuStatus));

        var shown = await Shell.RunAsync("gpu", "show", "h/0");

        shown.ExitCode.ShouldBe(0, shown.Error);
        shown.Out.ShouldContain("A100-SXM4-40GB (presented; the device is pthread-x)");
        shown.Out.ShouldMatch(@"Mode: +mig \(auto: passthrough, mig\)\n");
        shown.Out.ShouldMatch(@"Layout: +0-1 free, 2 others, 3 free, 4-7 s0 3g.20gb\n");
        shown.Lines.ShouldContain(line => line.StartsWith("s0     acme/train  3g.20gb    4-7  19.5 GiB  42 units"));
        shown.Out.ShouldMatch(@"1g.5gb +mig +4.8 GiB +14 units +3  0 1 3\n");
        shown.Out.ShouldMatch(@"4g.20gb +mig +19.5 GiB +56 units +0\n");
        Encoding.UTF8.GetString(shown.OutBytes).ShouldAllBe(c => c < 127 && (c >= ' ' || c == '\n'));
    }

    [Fact]
    public async Task Fractions_are_told_with_their_shares()
    {
        Server.On("GET /v1/hosts/h/gpus/0", Json(Shared, ApiJsonContext.Default.GpuStatus));

        var shown = await Shell.RunAsync("gpu", "show", "h/0");

        shown.Out.ShouldMatch(@"Mode: +shared \(set\)\n");
        shown.Out.ShouldContain("0 B-10 GiB s0 fraction, 10 GiB-30 GiB others, 30 GiB-40 GiB free");
        shown.Out.ShouldMatch(@"s0 +acme/train +fraction +- +10 GiB +50 % +high, at most 80 %");
    }

    [Fact]
    public async Task A_mode_is_set_and_what_is_refused_is_told()
    {
        Server.On("PUT /v1/hosts/h/gpus/0/mode", Json(
            Cut with { ModeSetting = GpuMode.Mig, Slices = [] }, ApiJsonContext.Default.GpuStatus));
        Server.On("PUT /v1/hosts/h/gpus/1/mode", Problem(409, "wrong-state"));

        var set = await Shell.RunAsync("gpu", "mode", "h/0", "mig");
        var refused = await Shell.RunAsync("gpu", "mode", "h/1", "auto");
        var wrong = await Shell.RunAsync("gpu", "mode", "h", "mig");

        set.Out.ShouldBe("h/0 is in mode mig.\n");
        Server.To("PUT /v1/hosts/h/gpus/0/mode").Single().Body.ShouldBe("""{"mode":"mig"}"""u8.ToArray());
        (refused.ExitCode, refused.Error).ShouldBe((1, "error: It is wrong-state.\n"));
        wrong.ExitCode.ShouldBe(2);
        wrong.Error.ShouldContain("'h' is no GPU; give HOST/INDEX");
    }

    [Fact]
    public void A_memory_line_is_drawn_with_its_slices_free_places_and_scale()
    {
        var lines = Draw(LayoutPart.OfLine(Cut), 8, 80, Enumerable.Range(0, 8).Select(unit => ((long)unit, $"{unit}")));

        lines.ShouldBe(
        [
            "··················▒▒▒▒▒▒▒▒▒········· s0 3g.20gb",
            "··················▒▒▒▒▒▒▒▒▒········· acme/train",
            "0        1        2        3        4        5        6        7",
        ]);
    }

    [Fact]
    public void A_narrow_terminal_cuts_names_and_leaves_marks_out()
    {
        var lines = Draw(LayoutPart.OfLine(Cut), 8, 17, Enumerable.Range(0, 8).Select(unit => ((long)unit, $"{unit * 100}")));

        lines.ShouldBe(["····▒▒·· s0", "····▒▒·· train", "0 100 300 500 700"]);
    }

    [Fact]
    public void Memory_without_places_is_drawn_in_proportion()
    {
        var lines = Draw(LayoutPart.OfMemory(Shared), Shared.MemoryTotalBytes, 41, [(0, "0 B"), (20L << 30, "20 GiB")]);

        lines[0].ShouldBe(" s0       ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒··········");
        lines[2].ShouldBe("0 B".PadRight(20) + "20 GiB");
    }

    private static string[] Draw(
        IReadOnlyList<LayoutPart> parts, long total, int columns, IEnumerable<(long Unit, string Text)> marks)
    {
        var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(written),
        });
        console.Profile.Width = columns;
        foreach (var line in new LayoutBar(parts, total).Draw(columns, marks))
        {
            console.Write(line);
            console.WriteLine();
        }

        return [.. written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd())];
    }
}
