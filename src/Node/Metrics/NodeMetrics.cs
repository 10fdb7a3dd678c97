using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace GpuActors.Node.Metrics;

/// <summary>
/// The metrics of one node: its meters, and what reads them. Shown are the node's own meters, those of ours that belong
/// to the whole process, and a few of the runtime's. Safe to use from any thread.
/// </summary>
public sealed class NodeMetrics : IDisposable
{
    /// <summary>Instruments that are read; ours are a few dozen, so more than this is a leak.</summary>
    private const int MaxInstruments = 1_000;

    private readonly Lock _reading = new();
    private readonly Dictionary<Instrument, InstrumentSeries> _instruments = [];
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly object _scope = new();
    private readonly int _maxSeries;
    private readonly ILogger _log;
    private long _failedReads;

    /// <summary>Begins to listen.</summary>
    /// <param name="maxSeries">Label sets of one metric; further ones are left out and counted.</param>
    /// <param name="log">Where it is told that a metric could not be read.</param>
    public NodeMetrics(int maxSeries, ILogger<NodeMetrics> log)
    {
        _maxSeries = maxSeries;
        _log = log;
        _listener.InstrumentPublished = OnPublished;
        _listener.MeasurementsCompleted = (instrument, _) => Forget(instrument);
        Listen<byte>(value => value);
        Listen<short>(value => value);
        Listen<int>(value => value);
        Listen<long>(value => value);
        Listen<float>(value => value);
        Listen<double>(value => value);
        Listen<decimal>(value => (double)value);
        _listener.Start();
    }

    /// <summary>A meter of this node; it ends with this object.</summary>
    /// <param name="name">Begins with <c>GpuActors.</c></param>
    public Meter CreateMeter(string name)
    {
        var meter = new Meter(new MeterOptions(name) { Scope = _scope });
        lock (_meters)
        {
            _meters.Add(meter);
        }

        return meter;
    }

    /// <summary>All metrics as they are now, by name; metrics without a number are left out.</summary>
    public IReadOnlyList<MetricFamily> Read()
    {
        lock (_reading)
        {
            var instruments = Instruments();
            Array.ForEach(instruments, instrument => instrument.BeginReading());
            ReadObservable();
            WarnOfDropped(instruments);
            var families = instruments.Select(instrument => instrument.Read())
                .Where(family => family.Samples.Count > 0);
            return [.. families.Concat(Own(instruments)).GroupBy(family => family.Name, StringComparer.Ordinal)
                .OrderBy(same => same.Key, StringComparer.Ordinal).Select(Merge)];
        }
    }

    /// <summary>Stops listening and ends the node's meters.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        lock (_meters)
        {
            _meters.ForEach(meter => meter.Dispose());
            _meters.Clear();
        }
    }

    private void Listen<T>(Func<T, double> number)
        where T : struct =>
        _listener.SetMeasurementEventCallback<T>((_, value, tags, series) =>
            ((InstrumentSeries)series!).Record(number(value), tags));

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!MeterChoice.Shows(instrument, _scope))
        {
            return;
        }

        var series = new InstrumentSeries(instrument, _maxSeries);
        lock (_instruments)
        {
            if (_instruments.Count >= MaxInstruments)
            {
                return;
            }

            _instruments[instrument] = series;
        }

        listener.EnableMeasurementEvents(instrument, series);
    }

    private void Forget(Instrument instrument)
    {
        lock (_instruments)
        {
            _instruments.Remove(instrument);
        }
    }

    private InstrumentSeries[] Instruments()
    {
        lock (_instruments)
        {
            return [.. _instruments.Values];
        }
    }

    /// <summary>One that fails leaves the others readable.</summary>
    private void ReadObservable()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (Exception e)
        {
            _failedReads++;
            _log.LogWarning(e, "Metrics could not be read: {Reason}", e.Message);
        }
    }

    private IEnumerable<MetricFamily> Own(InstrumentSeries[] instruments)
    {
        yield return new MetricFamily(
            "gpuactors_metrics_failed_reads_total",
            MetricType.Counter,
            "Readings in which an instrument failed.",
            [new MetricSample("", "", _failedReads)]);
        yield return new MetricFamily(
            "gpuactors_metrics_dropped_total",
            MetricType.Counter,
            "Measurements left out because their metric had too many label sets; the log names the metric.",
            [new MetricSample("", "", instruments.Sum(instrument => instrument.Dropped))]);
    }

    private void WarnOfDropped(InstrumentSeries[] instruments)
    {
        var flooded = instruments.Where(instrument => instrument.Dropped > 0);
        foreach (var instrument in flooded.Where(instrument => _warned.Add(instrument.Name)))
        {
            _log.LogWarning(
                "{Metric} has more than {MaxSeries} label sets (metrics.max-series); the others are left out.",
                instrument.Name,
                _maxSeries);
        }
    }

    /// <summary>A name stands for one metric: of instruments that share it a label set's first numbers count.</summary>
    private static MetricFamily Merge(IEnumerable<MetricFamily> same)
    {
        var families = same.ToArray();
        var first = families[0];
        if (families.Length == 1)
        {
            return first;
        }

        var merged = families.Where(family => family.Type == first.Type).SelectMany(family => family.Samples)
            .DistinctBy(sample => (sample.Suffix, sample.Labels));
        return first with { Samples = [.. merged] };
    }
}
