using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Pairs of actors that return each message; a message counts once for each way.</summary>
internal static class PingPong
{
    public static async Task<double> RunAsync(ActorSystem system, int pairs, int window, int messages)
    {
        var all = new Countdown(pairs);
        var pingers = new List<IActorRef>();
        for (var i = 0; i < pairs; i++)
        {
            var ponger = system.ActorOf(Props.Create(() => new Ponger()));
            pingers.Add(system.ActorOf(Props.Create(() => new Pinger(ponger, window, messages / pairs / 2, all))));
        }

        var start = Stopwatch.GetTimestamp();
        pingers.ForEach(p => p.Tell(Go.Instance, ActorRefs.NoSender));
        await all.Task;
        return ActorBenchmarks.PerSecond(messages, start);
    }

    private sealed class Ponger : ReceiveActor
    {
        public Ponger()
        {
            Receive<Ping>(ping => Sender.Tell(ping, Self));
            Receive<Go>(_ => Context.Stop(Self));
        }
    }

    private sealed class Pinger : ReceiveActor
    {
        public Pinger(IActorRef ponger, int window, int roundTrips, Countdown all)
        {
            var toSend = roundTrips;
            var toReceive = roundTrips;
            Receive<Ping>(ping =>
            {
                if (toSend > 0)
                {
                    toSend--;
                    ponger.Tell(ping, Self);
                }

                if (--toReceive == 0)
                {
                    all.Signal();
                    ponger.Tell(Go.Instance, Self);
                    Context.Stop(Self);
                }
            });
            Receive<Go>(_ =>
            {
                for (var i = 0; i < window; i++)
                {
                    toSend--;
                    ponger.Tell(new Ping(), Self);
                }
            });
        }
    }

    private sealed record Ping;

    private sealed record Go
    {
        public static readonly Go Instance = new();
    }
}
