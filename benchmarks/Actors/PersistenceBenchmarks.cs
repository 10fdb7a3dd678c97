using System.Diagnostics;
using System.Text;
using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Postgres;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using GpuActors.LocalCluster;

namespace GpuActors.Benchmarks.Actors;

/// <summary>
/// What durable writing, replay and recovery cost, through the event store in a SQLite file and through that in a
/// PostgreSQL server on this machine, both with every commit on disk. Prints a line for each figure:
/// <c>name TAB value TAB unit</c>.
/// </summary>
public static class PersistenceBenchmarks
{
    private static readonly byte[] SmallPayload = Encoding.UTF8.GetBytes(
        """{"session":"tenant/job-000123","step":42,"state":"Running","at":1763840000000}""");

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        await InFolderAsync(store => StoreAsync(new Figures(output, "sqlite"), store));
        await InFolderAsync(store => PersistentActorBenchmarks.RunAsync(new Figures(output, "sqlite"), store));
        using var server = new PostgresServer();
        await InServerAsync(server, store => StoreAsync(new Figures(output, "postgresql"), store));
        await InServerAsync(
            server, store => PersistentActorBenchmarks.RunAsync(new Figures(output, "postgresql"), store));
    }

    private static async Task StoreAsync(Figures figures, IEventStore store)
    {
        var node = await store.AcquireOwnershipAsync("bench", "bench");
        await LatencyAsync(figures, store, node);
        await ThroughputAsync(figures, store, node);
        await ReplayAsync(figures, store, node);
    }

    private static async Task InServerAsync(PostgresServer server, Func<IEventStore, Task> run)
    {
        var settings = new PostgresEventStoreSettings { ConnectionString = server.CreateDatabase() };
        await using var store = PostgresEventStore.Open(settings, new ProductionRuntime());
        await run(store);
    }

    private static async Task InFolderAsync(Func<IEventStore, Task> run)
    {
        var folder = Directory.CreateTempSubdirectory("persistence-bench-");
        try
        {
            var settings = new SqliteEventStoreSettings { Path = Path.Combine(folder.FullName, "journal.db") };
            await using var store = SqliteEventStore.Open(settings, new ProductionRuntime());
            await run(store);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task LatencyAsync(Figures figures, IEventStore store, OwnershipToken node)
    {
        await AppendSeriallyAsync(store, node, "warm-up", 3_000);
        var micros = await AppendSeriallyAsync(store, node, "serial", 5_000);
        Array.Sort(micros);
        figures.Print("append.latency_p50", micros[micros.Length / 2], "us");
        figures.Print("append.latency_p99", micros[micros.Length * 99 / 100], "us");
    }

    private static async Task ThroughputAsync(Figures figures, IEventStore store, OwnershipToken node)
    {
        foreach (var (writers, each) in ((int, int)[])[(8, 5_000), (100, 4_000), (1_000, 1_000)])
        {
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, writers)
                .Select(i => AppendSeriallyAsync(store, node, $"writer-{writers}-{i}", each)));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            figures.Print($"append.{writers}_writers", writers * each / seconds, "events/s");
        }
    }

    private static async Task ReplayAsync(Figures figures, IEventStore store, OwnershipToken node)
    {
        const int events = 100_000;
        for (var first = 1; first <= events; first += 1_000)
            await store.AppendAsync(Write(node, "replayed", first, 1_000));
        var best = 0d;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await foreach (var stored in store.ReplayAsync("replayed"))
                Debug.Assert(stored.Payload.Length > 0, "An event without payload.");
            best = Math.Max(best, events / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        figures.Print("replay", best, "events/s");
    }

    private static async Task<double[]> AppendSeriallyAsync(
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
        Events = [.. Enumerable.Repeat(new NewEvent("bench/1", SmallPayload), count)],
    };
}
