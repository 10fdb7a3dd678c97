using System.Diagnostics;
using System.Text.Json.Serialization;
using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Persistent actors: how fast many persist, how fast one and many recover.</summary>
internal static partial class PersistentActorBenchmarks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(Figures figures, IEventStore store)
    {
        await WithSystemAsync(store, system => PersistAsync(figures, system, actors: 1_000, each: 200));
        await WithSystemAsync(store, system => FillAsync(system, "long", batches: 100, batch: 1_000));
        await WithSystemAsync(store, system => RecoverOneAsync(figures, system));
        await WithSystemAsync(store, system => PersistAsync(null, system, actors: 20_000, each: 5));
        await WithSystemAsync(store, system => RecoverManyAsync(figures, system, actors: 20_000, events: 5));
    }

    private static async Task WithSystemAsync(IEventStore store, Func<ActorSystem, Task> run)
    {
        var system = ActorSystem.Create("bench");
        system.Serialization.Register("counted/1", BenchJson.Default.Counted);
        await system.UsePersistence(store).Ownership;
        await run(system);
        await system.Terminate();
    }

    private static async Task PersistAsync(Figures? figures, ActorSystem system, int actors, int each)
    {
        var counters = Start(system, actors, $"counter-{each}");
        await Task.WhenAll(counters.Select(counter => counter.Ask<int>(new Get(), Patience)));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(counters.Select(counter => counter.Ask<int>(new CountTo(each), Patience)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        figures?.Print($"actors.persist_{actors}", actors * each / seconds, "events/s");
    }

    private static async Task FillAsync(ActorSystem system, string id, int batches, int batch)
    {
        var counter = system.ActorOf(Props.Create(() => new Counter(id)));
        for (var i = 0; i < batches; i++)
            await counter.Ask<int>(new CountAtOnce(batch), Patience);
    }

    private static async Task RecoverOneAsync(Figures figures, ActorSystem system)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var counter = system.ActorOf(Props.Create(() => new Counter("long")));
            var count = await counter.Ask<int>(new Get(), Patience);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (count != 100_000)
                throw new InvalidOperationException($"Recovered {count} of 100,000 events.");
            await counter.GracefulStop(Patience);
        }
        figures.Print("actors.recover_100k_events", best, "ms");
    }

    private static async Task RecoverManyAsync(Figures figures, ActorSystem system, int actors, int events)
    {
        var start = Stopwatch.GetTimestamp();
        var counters = Start(system, actors, $"counter-{events}");
        var counts = await Task.WhenAll(counters.Select(counter => counter.Ask<int>(new Get(), Patience)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (counts.Any(count => count != events))
            throw new InvalidOperationException("An actor didn't recover all of its events.");
        figures.Print($"actors.recover_{actors}", actors / seconds, "actors/s");
    }

    private static List<IActorRef> Start(ActorSystem system, int actors, string prefix) =>
        [.. Enumerable.Range(0, actors).Select(i => system.ActorOf(Props.Create(() => new Counter($"{prefix}-{i}"))))];

    internal sealed record Counted(int Number, string Session, string State);

    private sealed record CountTo(int Number);

    private sealed record CountAtOnce(int Events);

    private sealed record Get;

    [JsonSerializable(typeof(Counted))]
    private sealed partial class BenchJson : JsonSerializerContext;

    private sealed class Counter : ReceivePersistentActor
    {
        private int _count;

        public Counter(string id)
        {
            PersistenceId = id;
            Recover<Counted>(_ => _count++);
            Command<Get>(_ => Sender.Tell(_count));
            Command<CountTo>(CountOneByOne);
            Command<CountAtOnce>(count => PersistAll(
                Enumerable.Range(_count + 1, count.Events).Select(Event), _ => _count++, () => Sender.Tell(_count)));
        }

        public override string PersistenceId { get; }

        private void CountOneByOne(CountTo target) => Persist(Event(_count + 1), _ =>
        {
            if (++_count == target.Number)
                Sender.Tell(_count);
            else
                CountOneByOne(target);
        });

        private static Counted Event(int number) => new(number, "tenant/job-000123", "Running");
    }
}
