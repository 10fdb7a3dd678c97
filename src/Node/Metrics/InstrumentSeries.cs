using System.Diagnostics.Metrics;

namespace GpuActors.Node.Metrics;

/// <summary>
/// The numbers of one instrument by label set. What an observable instrument tells counts for one reading only, so
/// a label set that it does not tell any more is gone; what was added to other instruments stays. Any thread may
/// record.
/// </summary>
internal sealed class InstrumentSeries
{
    private const string BucketLabel = "le";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly bool _observed;
    private readonly bool _adds;
    private readonly double[]? _bounds;
    private readonly int _maxSeries;
    private long _dropped;

    /// <summary>The numbers of an instrument, of at most <paramref name="maxSeries"/> label sets.</summary>
    public InstrumentSeries(Instrument instrument, int maxSeries)
    {
        _maxSeries = maxSeries;
        _observed = instrument.IsObservable;
        var kind = instrument.GetType().GetGenericTypeDefinition();
        _adds = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        _bounds = kind == typeof(Histogram<>) ? BoundsOf(instrument) : null;
        var grows = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        Type = grows && !MeterChoice.IsGauge(instrument) ? MetricType.Counter
            : kind != typeof(Histogram<>) ? MetricType.Gauge
            : _bounds is null ? MetricType.Summary
            : MetricType.Histogram;
        Name = MetricNames.Of(instrument, Type);
        Help = instrument.Description ?? "";
    }

    /// <summary>The metric's name.</summary>
    public string Name { get; }

    /// <summary>The metric's description.</summary>
    public string Help { get; }

    /// <summary>What the numbers mean.</summary>
    public MetricType Type { get; }

    /// <summary>Measurements that were left out because there were too many label sets.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a measurement; one that can't be is left out.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if ((Type == MetricType.Counter && !(value >= 0)) || (Type != MetricType.Gauge && double.IsNaN(value)))
        {
            return; // it would spoil the sum for good
        }

        var labels = SeriesLabels.Render(tags, _bounds is null ? null : BucketLabel);
        lock (_gate)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                if (_series.Count >= _maxSeries)
                {
                    _dropped++;
                    return;
                }

                _series[labels] = series = new Series(_bounds?.Length ?? 0);
            }

            Add(series, value);
        }
    }

    /// <summary>Forgets what the last reading told, if every reading tells all.</summary>
    public void BeginReading()
    {
        if (_observed)
        {
            lock (_gate)
            {
                _series.Clear();
            }
        }
    }

    /// <summary>The metric as it is now, label sets in order.</summary>
    public MetricFamily Read()
    {
        lock (_gate)
        {
            var samples = new List<MetricSample>(_series.Count);
            foreach (var (labels, series) in _series.OrderBy(s => s.Key, StringComparer.Ordinal))
            {
                Append(samples, labels, series);
            }

            return new MetricFamily(Name, Type, Help, samples);
        }
    }

    private void Add(Series series, double value)
    {
        series.Count++;
        series.Value = _adds || Type is MetricType.Histogram or MetricType.Summary ? series.Value + value : value;
        if (_bounds is not null)
        {
            var bucket = Array.FindIndex(_bounds, bound => value <= bound);
            if (bucket >= 0)
            {
                series.Buckets[bucket]++;
            }
        }
    }

    private void Append(List<MetricSample> samples, string labels, Series series)
    {
        if (Type is MetricType.Counter or MetricType.Gauge)
        {
            samples.Add(new MetricSample("", labels, series.Value));
            return;
        }

        if (_bounds is not null)
        {
            var upTo = 0L;
            for (var i = 0; i < _bounds.Length; i++)
            {
                upTo += series.Buckets[i];
                var bound = PrometheusText.Number(_bounds[i]);
                samples.Add(new MetricSample("_bucket", SeriesLabels.With(labels, BucketLabel, bound), upTo));
            }

            samples.Add(new MetricSample("_bucket", SeriesLabels.With(labels, BucketLabel, "+Inf"), series.Count));
        }

        samples.Add(new MetricSample("_sum", labels, series.Value));
        samples.Add(new MetricSample("_count", labels, series.Count));
    }

    private static double[]? BoundsOf(Instrument instrument)
    {
        var bounds = instrument switch
        {
            Histogram<double> h => h.Advice?.HistogramBucketBoundaries,
            Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            Histogram<float> h => h.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            _ => null,
        };
        return bounds is null ? null : [.. bounds.Where(double.IsFinite).Order().Distinct()];
    }

    private sealed class Series(int buckets)
    {
        public long[] Buckets { get; } = buckets > 0 ? new long[buckets] : [];

        public long Count { get; set; }

        public double Value { get; set; }
    }
}
