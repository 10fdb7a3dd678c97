using System.Buffers;
using System.Globalization;
using System.Text;

namespace GpuActors.Node.Metrics;

/// <summary>
/// Prometheus' text exposition format, version 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats): UTF-8, one line a number, each ended by a line feed.
/// </summary>
public static class PrometheusText
{
    /// <summary>The answer's content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes a metric: its help, its type, its numbers.</summary>
    public static void Write(IBufferWriter<byte> output, MetricFamily family)
    {
        var line = new StringBuilder();
        if (family.Help.Length > 0)
        {
            var help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            line.Append("# HELP ").Append(family.Name).Append(' ').Append(help).Append('\n');
        }

        line.Append("# TYPE ").Append(family.Name).Append(' ').Append(TypeName(family.Type)).Append('\n');
        Flush(output, line);
        foreach (var sample in family.Samples)
        {
            line.Append(family.Name).Append(sample.Suffix);
            if (sample.Labels.Length > 0)
            {
                line.Append('{').Append(sample.Labels).Append('}');
            }

            line.Append(' ').Append(Number(sample.Value)).Append('\n');
            Flush(output, line);
        }
    }

    /// <summary>A number as Go reads it.</summary>
    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void Flush(IBufferWriter<byte> output, StringBuilder line)
    {
        Encoding.UTF8.GetBytes(line.ToString(), output); // not by chunks: one may end inside of a character
        line.Clear();
    }

    private static string TypeName(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        MetricType.Histogram => "histogram",
        _ => "summary",
    };
}
