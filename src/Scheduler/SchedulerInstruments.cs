using System.Diagnostics.Metrics;
using GpuActors.Node.Metrics;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler;

/// <summary>
/// What a scheduler node knows, as instruments: each node tells of the sessions, queues and host twins that live on it,
/// so that sums over all nodes are the cluster.
/// </summary>
internal static class SchedulerInstruments
{
    /// <summary>Adds the instruments of a node.</summary>
    public static void AddTo(NodeMetrics metrics, string name, SchedulerRegions regions, TimeProvider time)
    {
        var meter = metrics.CreateMeter("GpuActors.Scheduler");
        NodeInstruments.AddTo(meter, "scheduler", name);
        meter.CreateObservableGauge(
            "gpuactors.jobs",
            () => regions.SessionCounts.ReadOpen().Select(open => ByState(open.State, open.Count)),
            "{job}",
            "Jobs that have not ended, by state.");
        meter.CreateObservableCounter(
            "gpuactors.jobs.ended",
            () => regions.SessionCounts.ReadEnded().Select(ended => ByState(ended.State, ended.Count)),
            "{job}",
            "Jobs that have ended, by state.");
        meter.CreateObservableGauge(
            "gpuactors.queue.length", () => regions.Waiting.Count, "{session}", "Sessions that wait for slices.");
        meter.CreateObservableCounter(
            "gpuactors.placements",
            () => regions.PlacementCounts.PlacedCount,
            "{session}",
            "Sessions that got slices.");
        meter.CreateObservableCounter(
            "gpuactors.placements.refused",
            () => regions.PlacementCounts.RefusedCount,
            "{session}",
            "Times that a session found no room.");
        meter.CreateObservableGauge(
            "gpuactors.hosts", () => HostsByState(regions), "{host}", "Hosts by state.");
        _ = new SliceInstruments(meter, () => regions.HostBoard.ReadUsage(time.GetUtcNow()), time);
    }

    private static IEnumerable<Measurement<long>> HostsByState(SchedulerRegions regions)
    {
        var counts = regions.HostBoard.CountStates();
        return Enum.GetValues<HostState>().Select(state => ByState(state, (long)counts.GetValueOrDefault(state)));
    }

    private static Measurement<long> ByState<T>(T state, long count)
        where T : struct, Enum =>
        new(count, new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()));
}
