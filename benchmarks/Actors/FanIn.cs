using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Several actors send to one, each at most a batch ahead of what was received.</summary>
internal static class FanIn
{
    private const int BatchSize = 1000;

    public static async Task<double> RunAsync(ActorSystem system, int senders, int messages)
    {
        var done = new Countdown(1);
        var receiver = system.ActorOf(Props.Create(() => new Receiver(messages, done)));
        var all = Enumerable.Range(0, senders)
            .Select(_ => system.ActorOf(Props.Create(() => new Sending(receiver, messages / senders)))).ToList();
        var start = Stopwatch.GetTimestamp();
        all.ForEach(s => s.Tell(Batch.Instance, ActorRefs.NoSender));
        await done.Task;
        var figure = ActorBenchmarks.PerSecond(messages, start);
        all.ForEach(system.Stop);
        system.Stop(receiver);
        return figure;
    }

    private sealed class Receiver : ReceiveActor
    {
        public Receiver(int messages, Countdown done)
        {
            var rest = messages;
            Receive<Item>(item =>
            {
                if (item.IsLastOfBatch)
                {
                    Sender.Tell(Batch.Instance, Self);
                }

                if (--rest == 0)
                {
                    done.Signal();
                }
            });
        }
    }

    private sealed class Sending : ReceiveActor
    {
        public Sending(IActorRef receiver, int messages)
        {
            var rest = messages;
            var item = new Item(false);
            var last = new Item(true);
            Receive<Batch>(_ =>
            {
                var count = Math.Min(rest, BatchSize);
                rest -= count;
                for (var i = 1; i <= count; i++)
                {
                    receiver.Tell(i == count ? last : item, Self);
                }
            });
        }
    }

    private sealed record Item(bool IsLastOfBatch);

    private sealed record Batch
    {
        public static readonly Batch Instance = new();
    }
}
