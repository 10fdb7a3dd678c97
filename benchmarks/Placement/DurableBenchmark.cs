using System.Diagnostics;
using System.Globalization;
using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Runtime;
using GpuActors.Benchmarks.Actors;
using GpuActors.Scheduler;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Benchmarks.Placement;

/// <summary>
/// Decisions that were made durable: a cell of 1,250 hosts with 8 GPUs each is asked for shares of a third by messages
/// and answers each only when its event is on the disk (SQLite, every commit synced). As many are under way as a queue
/// lets be.
/// </summary>
internal static class DurableBenchmark
{
    private const int Hosts = 1250;
    private const int GpusPerHost = 8;
    private const int Decisions = 20_000;
    private const int UnderWay = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("placement-bench-");
        try
        {
            var settings = new SqliteEventStoreSettings { Path = Path.Combine(folder.FullName, "journal.db") };
            await using var store = SqliteEventStore.Open(settings, new ProductionRuntime());
            var system = ActorSystem.Create("bench");
            SchedulerActors.RegisterEvents(system);
            await system.UsePersistence(store).Ownership;
            var regions = new SchedulerRegions();
            var cell = system.ActorOf(Props.Create(() => new PlacementActor("bench", regions, "default", GpuModels.BuiltIn)));
            for (var host = 0; host < Hosts; host++)
            {
                cell.Tell(new HostUp($"host-{host}", GpusOf(host), Slots: 64, Lease: 1), ActorRefs.Nobody);
            }

            var asker = system.ActorOf(Props.Create(() => new Asker(cell)));
            await asker.Ask<TimeSpan>(new Begin("warm-up", Decisions / 10), Patience);
            var spent = await asker.Ask<TimeSpan>(new Begin("measured", Decisions), Patience);
            RemotingBenchmarks.Print(
                output, "placement.durable.decisions", Decisions / spent.TotalSeconds, "decisions/s, each on the disk");
            await system.Terminate();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static GpuInventory[] GpusOf(int host) =>
    [
        .. Enumerable.Range(0, GpusPerHost).Select(gpu => new GpuInventory(
            gpu, host % 2 == 0 ? "NVIDIA H100 80GB HBM3" : "NVIDIA L40S", "NVIDIA", "570", "gpu", 80L << 30, 132)),
    ];

    private sealed record Begin(string Name, int Count);

    /// <summary>Keeps so many requests under way until all are answered.</summary>
    private sealed class Asker : ReceiveActor
    {
        private readonly IActorRef _cell;
        private IActorRef _client = ActorRefs.Nobody;
        private Begin _begin = new("", 0);
        private long _began;
        private int _asked;
        private int _answered;

        public Asker(IActorRef cell)
        {
            _cell = cell;
            Receive<Begin>(OnBegin);
            Receive<Reserved>(_ => OnReserved());
            Receive<NoRoom>(noRoom => throw new InvalidOperationException(noRoom.Reason));
        }

        private void OnBegin(Begin begin)
        {
            (_begin, _client, _asked, _answered) = (begin, Sender, 0, 0);
            _began = Stopwatch.GetTimestamp();
            while (_asked < Math.Min(UnderWay, begin.Count))
            {
                Ask();
            }
        }

        private void OnReserved()
        {
            if (++_answered == _begin.Count)
            {
                _client.Tell(Stopwatch.GetElapsedTime(_began), Self);
            }
            else if (_asked < _begin.Count)
            {
                Ask();
            }
        }

        private void Ask()
        {
            var session = string.Create(CultureInfo.InvariantCulture, $"tenant/{_begin.Name}-{_asked++}");
            _cell.Tell(new ReserveSlices(session, new GpuRequest { MemoryPercent = 33 }, []), Self);
        }
    }
}
