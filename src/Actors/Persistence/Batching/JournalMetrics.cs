using System.Diagnostics.Metrics;

namespace GpuActors.Actors.Persistence.Batching;

/// <summary>What the stores of this process write, on the meter <c>GpuActors.Actors</c>: once a transaction.</summary>
internal static class JournalMetrics
{
    /// <summary>From a fast disk to a database that is about to be given up.</summary>
    private static readonly double[] CommitBoundsSeconds =
        [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

    private static readonly Meter Meter = new("GpuActors.Actors");

    private static readonly Counter<long> Writes =
        Meter.CreateCounter<long>("actors.journal.writes", "{request}", "Requests to write that became durable");

    private static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("actors.journal.failed_transactions", "{transaction}", "Transactions that failed");

    private static readonly Histogram<double> Commits = Meter.CreateHistogram(
        "actors.journal.commit",
        "s",
        "Time that a transaction of the journal takes, with all that is written in it",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = CommitBoundsSeconds });

    /// <summary>A transaction with so many requests is durable.</summary>
    public static void Committed(int requests, TimeSpan took)
    {
        Writes.Add(requests);
        Commits.Record(took.TotalSeconds);
    }

    /// <summary>A transaction failed.</summary>
    public static void Failed() => Failures.Add(1);
}
