using System.Globalization;
using System.Text;

namespace GpuActors.Scheduler.Simulation.Report.Charts;

/// <summary>Draws a <see cref="HeatMap"/>: bands of hosts down, time across, the colour says how full.</summary>
internal static class HeatMapChart
{
    /// <summary>Steps of colour, from empty to full.</summary>
    public const int Steps = 11;

    private const double Width = 900;
    private const double Left = 190;
    private const double Right = 20;
    private const double Top = 8;
    private const double Bottom = 46;
    private const double BandHeight = 7;
    private const double ModelGap = 4;
    private const double LeastModelHeight = 14;

    /// <summary>The drawing.</summary>
    public static string Render(HeatMap map, string title, string xTitle)
    {
        var rows = Rows(map);
        var height = rows[^1].Y + rows[^1].Height + Bottom;
        var step = map.Columns.Count > 1 ? map.Columns[1] - map.Columns[0] : 1;
        var x = new Axis(map.Columns[0], map.Columns[^1] + step, Left, Width - Right);
        var svg = new SvgWriter(Width, height, title);
        svg.Rect(Left, Top, Width - Right - Left, height - Bottom - Top, "heat-ground");
        foreach (var (data, color) in Cells(map, rows, x, step))
        {
            svg.Path(data, $"h{color}");
        }

        DrawModels(svg, map, rows);
        foreach (var tick in x.Ticks(10))
        {
            svg.Line(x.At(tick), height - Bottom, x.At(tick), height - Bottom + 5, "axis");
            svg.Text(x.At(tick), height - Bottom + 19, Axis.Label(tick), "tick middle");
        }

        svg.Text((Left + Width - Right) / 2, height - 8, xTitle, "label middle");
        return svg.Close();
    }

    /// <summary>The colour of an allocated part.</summary>
    public static int StepOf(float part) => Math.Clamp((int)MathF.Round(part * (Steps - 1)), 0, Steps - 1);

    private static (double Y, double Height)[] Rows(HeatMap map)
    {
        var counts = map.Bands.GroupBy(b => b.Model).ToDictionary(g => g.Key, g => g.Count());
        var rows = new (double Y, double Height)[map.Bands.Count];
        var y = Top;
        for (var i = 0; i < rows.Length; i++)
        {
            y += i > 0 && map.Bands[i].Model != map.Bands[i - 1].Model ? ModelGap : 0;
            var height = Math.Max(BandHeight, LeastModelHeight / counts[map.Bands[i].Model]);
            rows[i] = (y, height);
            y += height;
        }

        return rows;
    }

    /// <summary>One path for each colour: neighbours of the same colour in a row are one rectangle.</summary>
    private static IEnumerable<(string Data, int Color)> Cells(
        HeatMap map, (double Y, double Height)[] rows, Axis x, double step)
    {
        var paths = Enumerable.Range(0, Steps).Select(_ => new StringBuilder()).ToArray();
        for (var band = 0; band < rows.Length; band++)
        {
            for (var from = 0; from < map.Columns.Count;)
            {
                var color = StepOf(map.Allocated[from][band]);
                var to = from + 1;
                while (to < map.Columns.Count && StepOf(map.Allocated[to][band]) == color)
                {
                    to++;
                }

                var (left, right) = (x.At(map.Columns[from]), x.At(map.Columns[to - 1] + step));
                paths[color].Append(
                    CultureInfo.InvariantCulture,
                    $"M{left:0.##} {rows[band].Y:0.##}H{right:0.##}v{rows[band].Height:0.##}H{left:0.##}Z");
                from = to;
            }
        }

        return paths.Select((path, color) => (path.ToString(), color)).Where(path => path.Item1.Length > 0);
    }

    private static void DrawModels(SvgWriter svg, HeatMap map, (double Y, double Height)[] rows)
    {
        for (var from = 0; from < rows.Length;)
        {
            var model = map.Bands[from].Model;
            var to = from;
            while (to + 1 < rows.Length && map.Bands[to + 1].Model == model)
            {
                to++;
            }

            var middle = (rows[from].Y + rows[to].Y + rows[to].Height) / 2;
            var gpus = map.Bands.Skip(from).Take(to - from + 1).Sum(band => band.Gpus);
            svg.Text(Left - 8, middle + 4, $"{model} · {gpus} GPUs", "tick end");
            from = to + 1;
        }
    }
}
