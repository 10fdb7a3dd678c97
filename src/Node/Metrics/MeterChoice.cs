using System.Diagnostics.Metrics;

namespace GpuActors.Node.Metrics;

/// <summary>Which instruments are shown: ours, and of the runtime's those that tell how a node fares.</summary>
internal static class MeterChoice
{
    private const string OwnPrefix = "GpuActors.";
    private const string RuntimeMeter = "System.Runtime";

    private static readonly HashSet<string> RuntimeInstruments = new(StringComparer.Ordinal)
    {
        "dotnet.gc.collections",
        "dotnet.gc.heap.total_allocated",
        "dotnet.gc.last_collection.heap.size",
        "dotnet.gc.last_collection.memory.committed_size",
        "dotnet.gc.pause.time",
        "dotnet.exceptions",
        "dotnet.monitor.lock_contentions",
        "dotnet.process.cpu.count",
        "dotnet.process.cpu.time",
        "dotnet.process.memory.working_set",
        "dotnet.thread_pool.queue.length",
        "dotnet.thread_pool.thread.count",
        "dotnet.thread_pool.work_item.count",
    };

    /// <summary>The runtime has them as counters, but they go down as well.</summary>
    private static readonly HashSet<string> RuntimeGauges = new(StringComparer.Ordinal)
    {
        "dotnet.thread_pool.queue.length",
        "dotnet.thread_pool.thread.count",
    };

    /// <summary>Whether a counter is one by its type only.</summary>
    public static bool IsGauge(Instrument counter) =>
        counter.Meter.Name == RuntimeMeter && RuntimeGauges.Contains(counter.Name);

    /// <summary>Whether a meter is one of ours.</summary>
    public static bool IsOwn(string meter) => meter.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether an instrument is shown by the node that <paramref name="scope"/> stands for. A process may hold several nodes; a meter with a scope is one node's, one without is the process's.
    /// </summary>
    public static bool Shows(Instrument instrument, object scope)
    {
        var meter = instrument.Meter;
        return (meter.Scope is null || ReferenceEquals(meter.Scope, scope))
            && (IsOwn(meter.Name) || (meter.Name == RuntimeMeter && RuntimeInstruments.Contains(instrument.Name)));
    }
}
