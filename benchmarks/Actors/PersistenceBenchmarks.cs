using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Benchmarks.Actors;

/// <summary>What durable writing and replaying cost on this machine, through the SQLite event store.</summary>
public static class PersistenceBenchmarks
{
    private const string Manifest = "bench/1";
    private static readonly byte[] SmallPayload = Encoding.UTF8.GetBytes(
        """{"session":"tenant/job-000123","step":42,"state":"Running","at":1763840000000}""");

    /// <summary>Prints a line per figure: name, value and unit, separated by tabs.</summary>
    public static async Task RunAsync(IActorRuntime runtime)
    {
        var folder = Directory.CreateTempSubdirectory("event-store-bench-");
        try
        {
            var settings = new SqliteEventStoreSettings { Path = Path.Combine(folder.FullName, "journal.db") };
            await using var store = SqliteEventStore.Open(settings, runtime);
            var node = await store.AcquireOwnershipAsync("node", "bench");
            await MeasureLatencyAsync(store, node);
            await MeasureThroughputAsync(store, node);
            await MeasureReplayAsync(store, node);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureLatencyAsync(IEventStore store, OwnershipToken node)
    {
        await AppendSerially(store, node, "warm-up", 2_000);
        var micros = await AppendSerially(store, node, "serial", 5_000);
        Array.Sort(micros);
        Print("persistence/append latency p50, 1 writer", micros[micros.Length / 2], "us");
        Print("persistence/append latency p99, 1 writer", micros[micros.Length * 99 / 100], "us");
    }

    private static async Task MeasureThroughputAsync(IEventStore store, OwnershipToken node)
    {
        foreach (var writers in (int[])[8, 100, 1_000])
        {
            var each = Math.Max(200, 400_000 / writers / (writers < 100 ? 10 : 1));
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, writers)
                .Select(i => AppendSerially(store, node, $"writer-{writers}-{i}", each)));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Print($"persistence/durable events, {writers} writers", writers * each / seconds, "1/s");
        }
    }

    private static async Task MeasureReplayAsync(IEventStore store, OwnershipToken node)
    {
        const int events = 100_000;
        for (var first = 1; first <= events; first += 1_000)
            await store.AppendAsync(Write(node, "replayed", first, 1_000));
        for (var round = 0; round < 3; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var count = 0;
            await foreach (var stored in store.ReplayAsync("replayed"))
                count += stored.Payload.Length > 0 ? 1 : 0;
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (round == 2)
                Print("persistence/replayed events, 1 reader", count / seconds, "1/s");
        }
    }

    private static async Task<double[]> AppendSerially(
        IEventStore store, OwnershipToken node, string persistenceId, int count)
    {
        var micros = new double[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await store.AppendAsync(Write(node, persistenceId, i + 1, 1));
            micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        return micros;
    }

    private static AtomicWrite Write(OwnershipToken node, string persistenceId, long first, int count) => new()
    {
        Ownership = node,
        PersistenceId = persistenceId,
        FirstSequenceNr = first,
        Events = [.. Enumerable.Repeat(new NewEvent(Manifest, SmallPayload), count)],
    };

    private static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{value:F0}\t{unit}"));
}
