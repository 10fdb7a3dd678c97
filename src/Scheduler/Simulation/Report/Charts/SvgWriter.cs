using System.Globalization;
using System.Net;
using System.Text;

namespace GpuActors.Scheduler.Simulation.Report.Charts;

/// <summary>Writes SVG elements; colours come from the page's style sheet by class.</summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder _text = new();

    /// <summary>A drawing of so many units, as wide as the page lets it be.</summary>
    /// <param name="width">Units across.</param>
    /// <param name="height">Units down.</param>
    /// <param name="title">What it shows, for those who can't see it.</param>
    public SvgWriter(double width, double height, string title) =>
        _text.Append("<svg viewBox=\"0 0 ").Append(Number(width)).Append(' ').Append(Number(height))
            .Append("\" role=\"img\" aria-label=\"").Append(Escape(title))
            .Append("\" xmlns=\"http://www.w3.org/2000/svg\">\n");

    /// <summary>Text at a place.</summary>
    public void Text(double x, double y, string text, string style) =>
        _text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Number(x)}\" y=\"{Number(y)}\" class=\"{style}\">")
            .Append(Escape(text)).Append("</text>\n");

    /// <summary>Text that reads from below upwards.</summary>
    public void TextUpwards(double x, double y, string text, string style) =>
        _text.Append(
                CultureInfo.InvariantCulture,
                $"<text transform=\"translate({Number(x)} {Number(y)}) rotate(-90)\" class=\"{style}\">")
            .Append(Escape(text)).Append("</text>\n");

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string style) =>
        _text.Append(
            CultureInfo.InvariantCulture,
            $"<line x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\" ")
            .Append("class=\"").Append(style).Append("\"/>\n");

    /// <summary>A rectangle with words that show when it is pointed at.</summary>
    public void Rect(double x, double y, double width, double height, string style, string? hint = null)
    {
        _text.Append(
            CultureInfo.InvariantCulture,
            $"<rect x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\" ")
            .Append("class=\"").Append(style).Append('"');
        End("rect", hint);
    }

    /// <summary>A dot with words that show when it is pointed at.</summary>
    public void Circle(double x, double y, double radius, string style, string? hint = null)
    {
        _text.Append(
            CultureInfo.InvariantCulture,
            $"<circle cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"{Number(radius)}\" class=\"{style}\"");
        End("circle", hint);
    }

    /// <summary>A path of <see cref="PathText"/>.</summary>
    public void Path(string data, string style, string? hint = null)
    {
        _text.Append("<path d=\"").Append(data).Append("\" class=\"").Append(style).Append('"');
        End("path", hint);
    }

    /// <summary>A path through points, closed or open.</summary>
    public static string PathText(IEnumerable<(double X, double Y)> points, bool closed = false)
    {
        var path = new StringBuilder();
        foreach (var (x, y) in points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(Number(x)).Append(' ').Append(Number(y));
        }

        return (closed ? path.Append('Z') : path).ToString();
    }

    /// <summary>Everything written, as one element.</summary>
    public string Close() => _text.Append("</svg>").ToString();

    /// <summary>A coordinate, to the hundredth.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Text that may stand in an element or an attribute.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    private void End(string element, string? hint)
    {
        if (hint is null)
        {
            _text.Append("/>\n");
        }
        else
        {
            _text.Append("><title>").Append(Escape(hint)).Append("</title></").Append(element).Append(">\n");
        }
    }
}
