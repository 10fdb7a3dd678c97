using Microsoft.AspNetCore.Http;

namespace GpuActors.Node.Metrics;

/// <summary>Answers a scraper.</summary>
public static class MetricsResponse
{
    /// <summary>Writes all metrics of the node.</summary>
    public static async Task WriteAsync(HttpContext context, NodeMetrics metrics)
    {
        var families = metrics.Read();
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        foreach (var family in families)
        {
            PrometheusText.Write(context.Response.BodyWriter, family);

            // A slow reader makes the node hold one metric's text at most.
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }
}
