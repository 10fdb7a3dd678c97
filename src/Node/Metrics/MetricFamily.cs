namespace GpuActors.Node.Metrics;

/// <summary>What a metric's numbers mean to whoever reads them.</summary>
public enum MetricType
{
    /// <summary>Only grows, until the process starts anew.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>How many observations were at most so large, with their sum.</summary>
    Histogram,

    /// <summary>Sum and number of observations.</summary>
    Summary,
}

/// <summary>One number of a metric.</summary>
/// <param name="Suffix">What follows the metric's name, such as <c>_bucket</c>; mostly nothing.</param>
/// <param name="Labels">As <see cref="SeriesLabels"/> renders them, without braces.</param>
/// <param name="Value">The number, in the unit that the metric's name ends with.</param>
public readonly record struct MetricSample(string Suffix, string Labels, double Value);

/// <summary>A metric with all its numbers at one moment.</summary>
/// <param name="Name">Letters, digits, underscores; unit last.</param>
/// <param name="Type">What the numbers mean.</param>
/// <param name="Help">For people.</param>
/// <param name="Samples">By label set; those of one label set follow each other.</param>
public sealed record MetricFamily(string Name, MetricType Type, string Help, IReadOnlyList<MetricSample> Samples);
