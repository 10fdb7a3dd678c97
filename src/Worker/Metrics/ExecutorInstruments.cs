using System.Diagnostics.Metrics;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Metrics;

/// <summary>An executor pool as instruments.</summary>
internal static class ExecutorInstruments
{
    /// <summary>From one that waited ready to one whose device had to be opened first.</summary>
    private static readonly double[] StartBoundsSeconds =
        [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

    /// <summary>Adds the instruments of <paramref name="pool"/>.</summary>
    public static void AddTo(Meter meter, ExecutorPool pool)
    {
        meter.CreateObservableGauge(
            "gpuactors.executors", () => States(pool.ReadUse()), "{executor}", "Executor processes by what they do.");
        meter.CreateObservableGauge(
            "gpuactors.executor.waiting_sessions",
            () => pool.ReadUse().Waiting,
            "{session}",
            "Sessions that wait for an executor.");
        meter.CreateObservableCounter(
            "gpuactors.executor.starts", () => pool.ReadUse().Starts, "{executor}", "Executors that became ready.");
        meter.CreateObservableCounter(
            "gpuactors.executor.failed_starts",
            () => pool.ReadUse().FailedStarts,
            "{executor}",
            "Executors that could not be started.");
        pool.SessionStart = meter.CreateHistogram(
            "gpuactors.session.start",
            "s",
            "Time from asking for an executor to an open session.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = StartBoundsSeconds });
    }

    private static Measurement<int>[] States(ExecutorPoolUse use) =>
    [
        State("ready", use.Ready),
        State("kept", use.Kept),
        State("busy", use.Busy),
        State("starting", use.Starting),
        State("ending", use.Ending),
    ];

    private static Measurement<int> State(string state, int count) =>
        new(count, new KeyValuePair<string, object?>("state", state));
}
