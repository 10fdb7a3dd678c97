using System.Globalization;

namespace GpuActors.Scheduler.Simulation.Report.Charts;

/// <summary>A point of a line, with how far its seeds are apart.</summary>
internal readonly record struct LinePoint(double X, double Y, double Deviation);

/// <summary>A line and its name.</summary>
/// <param name="Name">The name at its end.</param>
/// <param name="Color">Number of its colour, from 0.</param>
/// <param name="Points">From left to right.</param>
internal sealed record LineSeries(string Name, int Color, IReadOnlyList<LinePoint> Points);

/// <summary>Lines over a common axis, each with a band of one standard deviation to both sides.</summary>
internal sealed class LineChart
{
    private const double Width = 900;
    private const double Height = 430;
    private const double Left = 64;
    private const double Right = 150;
    private const double Top = 14;
    private const double Bottom = 52;
    private const double LabelGap = 16;
    private const double LeastSpan = 0.6;

    /// <summary>What it shows, in a sentence.</summary>
    public required string Title { get; init; }

    /// <summary>What lies along the bottom, with its unit.</summary>
    public required string XTitle { get; init; }

    /// <summary>What lies along the side, with its unit.</summary>
    public required string YTitle { get; init; }

    /// <summary>The unit of single values in hints.</summary>
    public string Unit { get; init; } = "%";

    /// <summary>The left end.</summary>
    public required double XMin { get; init; }

    /// <summary>The right end.</summary>
    public required double XMax { get; init; }

    /// <summary>The lines.</summary>
    public required IReadOnlyList<LineSeries> Series { get; init; }

    /// <summary>The drawing.</summary>
    public string Render()
    {
        var shown = Series.Select(s => s with { Points = [.. s.Points.Where(p => p.X >= XMin && p.X <= XMax)] })
            .Where(s => s.Points.Count > 0).ToArray();
        var (low, high) = Axis.Around(
            shown.SelectMany(s => s.Points).SelectMany(p => new[] { p.Y - p.Deviation, p.Y + p.Deviation }), LeastSpan);
        var x = new Axis(XMin, XMax, Left, Width - Right);
        low = shown.SelectMany(s => s.Points).All(p => p.Y >= 0) ? Math.Max(low, 0) : low; // a band may reach below
        var y = new Axis(low, high, Height - Bottom, Top);
        var svg = new SvgWriter(Width, Height, Title);
        DrawAxes(svg, x, y);
        foreach (var series in shown)
        {
            DrawBand(svg, series, x, y);
        }

        foreach (var series in shown)
        {
            DrawLine(svg, series, x, y);
        }

        DrawNames(svg, shown, x, y);
        return svg.Close();
    }

    private void DrawAxes(SvgWriter svg, Axis x, Axis y)
    {
        foreach (var tick in y.Ticks(6))
        {
            svg.Line(Left, y.At(tick), Width - Right, y.At(tick), "grid");
            svg.Text(Left - 8, y.At(tick) + 4, Axis.Label(tick), "tick end");
        }

        foreach (var tick in x.Ticks(10))
        {
            svg.Line(x.At(tick), Height - Bottom, x.At(tick), Height - Bottom + 5, "axis");
            svg.Text(x.At(tick), Height - Bottom + 20, Axis.Label(tick), "tick middle");
        }

        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        svg.Text((Left + Width - Right) / 2, Height - 10, XTitle, "label middle");
        svg.TextUpwards(16, (Top + Height - Bottom) / 2, YTitle, "label middle");
    }

    private static void DrawBand(SvgWriter svg, LineSeries series, Axis x, Axis y)
    {
        if (series.Points.Any(p => p.Deviation > 0))
        {
            var above = series.Points.Select(p => (x.At(p.X), y.At(p.Y + p.Deviation)));
            var below = series.Points.Reverse().Select(p => (x.At(p.X), y.At(p.Y - p.Deviation)));
            svg.Path(SvgWriter.PathText(above.Concat(below), closed: true), $"band f{series.Color}");
        }
    }

    private void DrawLine(SvgWriter svg, LineSeries series, Axis x, Axis y)
    {
        svg.Path(SvgWriter.PathText(series.Points.Select(p => (x.At(p.X), y.At(p.Y)))), $"line s{series.Color}");
        foreach (var point in series.Points)
        {
            svg.Circle(x.At(point.X), y.At(point.Y), 6, "hit", HintOf(series, point));
        }
    }

    private string HintOf(LineSeries series, LinePoint point) => string.Create(
        CultureInfo.InvariantCulture,
        $"{series.Name} at {point.X:0.#}: {point.Y:0.00} {Unit} (sd {point.Deviation:0.00})");

    private static void DrawNames(SvgWriter svg, LineSeries[] shown, Axis x, Axis y)
    {
        var ends = shown.Select(s => y.At(s.Points[^1].Y)).ToArray();
        var places = EndLabels.Spread(ends, LabelGap, Top + 6, Height - Bottom - 4);
        for (var i = 0; i < shown.Length; i++)
        {
            var end = x.At(shown[i].Points[^1].X);
            var beside = Width - Right + 16;
            svg.Path(
                SvgWriter.PathText([(end + 2, ends[i]), (beside - 6, places[i]), (beside, places[i])]),
                $"leader s{shown[i].Color}");
            var value = shown[i].Points[^1].Y.ToString("0.00", CultureInfo.InvariantCulture);
            svg.Text(beside + 4, places[i] + 4, $"{shown[i].Name} {value}", "name");
        }
    }
}
