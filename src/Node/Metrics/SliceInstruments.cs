using System.Diagnostics.Metrics;
using GpuActors.Shared.Messages;

namespace GpuActors.Node.Metrics;

/// <summary>
/// What slices use, as instruments that tell of the sessions that run now: a session that has ended is in no later
/// reading. A worker and a scheduler have the same ones, about the sessions that they know of.
/// </summary>
public sealed class SliceInstruments
{
    /// <summary>One reading of all instruments shows one moment, and asks the source once.</summary>
    private static readonly TimeSpan KeepRead = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Func<IReadOnlyList<SliceUsage>> _read;
    private readonly TimeProvider _time;
    private Reading? _newest;

    /// <summary>Adds the instruments to <paramref name="meter"/>.</summary>
    /// <param name="meter">The node's meter.</param>
    /// <param name="read">Tells what slices use now; called from any thread.</param>
    /// <param name="time">The node's clock.</param>
    public SliceInstruments(Meter meter, Func<IReadOnlyList<SliceUsage>> read, TimeProvider time)
    {
        _read = read;
        _time = time;
        Counter(meter, "busy", "s", "Time in which kernels of the slice ran.", usage => usage.Busy.TotalSeconds);
        Counter(
            meter,
            "queued",
            "s",
            "Time in which the slice had kernels to run and none ran.",
            usage => usage.Queued.TotalSeconds);
        Counter(
            meter,
            "throttled",
            "s",
            "The part of the queued time in which the slice waited for its turn.",
            usage => usage.Throttled.TotalSeconds);
        Counter(meter, "kernels", "{kernel}", "Kernels that have ended.", usage => usage.Kernels);
        Counter(meter, "bytes_in", "By", "Bytes moved to the device.", usage => usage.BytesIn);
        Counter(meter, "bytes_out", "By", "Bytes moved from the device.", usage => usage.BytesOut);
        Gauge(meter, "memory", "Memory that the session has allocated.", usage => usage.MemoryBytes);
        Gauge(meter, "memory_peak", "The most memory that it had at one time.", usage => usage.MemoryPeakBytes);
        Network(meter, "round_trips", "{round_trip}", "Waits of the program for an answer.", streams => streams.Waits);
        Network(meter, "waited", "s", "Time in which the program waited for answers.", streams => streams.Waited.TotalSeconds);
        Network(
            meter,
            "answering",
            "s",
            "The part of the waited time that the device's side took for the answers.",
            streams => streams.Answering.TotalSeconds);
    }

    private void Network(Meter meter, string name, string unit, string description, Func<StreamUsage, double> value) =>
        Counter(meter, name, unit, description, usage => usage.Streams is { } streams ? value(streams) : 0);

    private void Counter(Meter meter, string name, string unit, string description, Func<SliceUsage, double> value) =>
        meter.CreateObservableCounter($"gpuactors.slice.{name}", () => Measure(value), unit, description);

    private void Gauge(Meter meter, string name, string description, Func<SliceUsage, double> value) =>
        meter.CreateObservableGauge($"gpuactors.slice.{name}", () => Measure(value), "By", description);

    private IEnumerable<Measurement<double>> Measure(Func<SliceUsage, double> value)
    {
        var reading = Read();
        for (var i = 0; i < reading.Slices.Count; i++)
        {
            yield return new Measurement<double>(value(reading.Slices[i]), reading.Tags[i]);
        }
    }

    private Reading Read()
    {
        lock (_gate)
        {
            if (_newest is null || _time.GetElapsedTime(_newest.At) >= KeepRead)
            {
                var slices = _read();
                _newest = new Reading(_time.GetTimestamp(), slices, [.. slices.Select(Tags)]);
            }

            return _newest;
        }
    }

    private static KeyValuePair<string, object?>[] Tags(SliceUsage usage)
    {
        var gpu = Parent(usage.Slice);
        return
        [
            new("host", Parent(gpu)),
            new("gpu", gpu),
            new("slice", usage.Slice),
            new("session", usage.Session),
            new("tenant", usage.Tenant),
        ];
    }

    private static string Parent(string name) => name[..Math.Max(0, name.LastIndexOf('/'))];

    private sealed record Reading(
        long At, IReadOnlyList<SliceUsage> Slices, KeyValuePair<string, object?>[][] Tags);
}
