using System.Buffers;
using System.Text;
using GpuActors.Node.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Node.Tests;

/// <summary>A node's metrics, read as a scraper does.</summary>
public abstract class MetricsFixture : IDisposable
{
    protected const int MaxSeries = 20;

    protected NodeMetrics Metrics { get; } = new(MaxSeries, NullLogger<NodeMetrics>.Instance);

    public void Dispose()
    {
        Metrics.Dispose();
        GC.SuppressFinalize(this);
    }

    protected Exposition Read() => Read(Metrics);

    protected static Exposition Read(NodeMetrics metrics)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var family in metrics.Read())
        {
            PrometheusText.Write(output, family);
        }

        return Exposition.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan));
    }
}
