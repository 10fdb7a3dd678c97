using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Simulation.Report.Charts;

/// <summary>
/// Waiting times: a line for each policy in each class, from the median (dot) over the 95th percentile (tick) to the
/// 99th (its end), on a logarithmic axis.
/// </summary>
internal static class WaitingChart
{
    private const double Width = 900;
    private const double Left = 200;
    private const double Right = 90;
    private const double Top = 10;
    private const double Bottom = 50;
    private const double RowHeight = 17;
    private const double ClassGap = 12;
    private const double LeastSeconds = 1;

    private static readonly double[] Marks = [1, 10, 60, 600, 3600, 36_000, 86_400, 864_000, 8_640_000];

    /// <summary>The drawing.</summary>
    /// <param name="policies">Name, colour and figures of each policy.</param>
    public static string Render(IReadOnlyList<(string Name, int Color, IReadOnlyList<WaitingFigures> Figures)> policies)
    {
        var classes = policies.SelectMany(p => p.Figures.Select(f => f.Class)).Distinct().ToArray();
        var height = Top + (classes.Length * ((policies.Count * RowHeight) + ClassGap)) + Bottom;
        var svg = new SvgWriter(Width, height, "Waiting times by class and policy");
        var most = policies.SelectMany(p => p.Figures).Select(f => f.P99).DefaultIfEmpty(LeastSeconds).Max();
        var end = Marks.FirstOrDefault(mark => mark >= most, Marks[^1]);
        var x = new Axis(Math.Log(LeastSeconds), Math.Log(Math.Max(end, 10)), Left, Width - Right);
        foreach (var mark in Marks.Where(mark => mark <= Math.Max(end, 10)))
        {
            svg.Line(x.At(Math.Log(mark)), Top, x.At(Math.Log(mark)), height - Bottom, "grid");
            var words = mark == 1 ? "≤ 1 s" : Durations.Text(mark);
            svg.Text(x.At(Math.Log(mark)), height - Bottom + 18, words, "tick middle");
        }

        var y = Top + (RowHeight / 2);
        foreach (var name in classes)
        {
            svg.Text(Left - 110, y + 4, name, "label end strong");
            foreach (var policy in policies)
            {
                if (policy.Figures.FirstOrDefault(f => f.Class == name) is { } figures)
                {
                    DrawRow(svg, x, y, policy.Name, policy.Color, figures);
                }

                y += RowHeight;
            }

            y += ClassGap;
        }

        const string Words = "Waiting time: median (dot), 95th percentile (tick), 99th (end)";
        svg.Text((Left + Width - Right) / 2, height - 10, Words, "label middle");
        return svg.Close();
    }

    private static void DrawRow(SvgWriter svg, Axis x, double y, string policy, int color, WaitingFigures figures)
    {
        double At(double seconds) => x.At(Math.Log(Math.Max(seconds, LeastSeconds)));

        svg.Text(Left - 10, y + 4, policy, "tick end");
        svg.Line(At(figures.P50), y, At(figures.P99), y, $"range s{color}");
        svg.Line(At(figures.P95), y - 5, At(figures.P95), y + 5, $"range s{color}");
        var hint = $"{policy}, {figures.Class}: mean {Durations.Text(figures.Mean)}, "
            + $"median {Durations.Text(figures.P50)}, "
            + $"95 % {Durations.Text(figures.P95)}, 99 % {Durations.Text(figures.P99)}";
        svg.Circle(At(figures.P50), y, 4.5, $"dot f{color}", hint);
        svg.Text(At(figures.P99) + 8, y + 4, Durations.Text(figures.P99), "tick");
    }
}
