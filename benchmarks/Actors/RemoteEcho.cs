using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Actors that keep a window of messages under way to an echo in another process.</summary>
internal static class RemoteEcho
{
    /// <summary>Echoes that come back a second.</summary>
    public static async Task<double> RateAsync(
        ActorSystem system, IActorRef echo, Func<int, object> message, int actors, int window, int messages)
    {
        var all = new Countdown(actors);
        var senders = Enumerable.Range(0, actors)
            .Select(i => system.ActorOf(
                Props.Create(() => new EchoSender(echo, message(i), window, messages / actors, all))))
            .ToList();
        var start = Stopwatch.GetTimestamp();
        senders.ForEach(sender => sender.Tell(Go.Instance, ActorRefs.NoSender));
        await all.Task;
        return ActorBenchmarks.PerSecond(messages, start);
    }

    private sealed class EchoSender : ReceiveActor
    {
        public EchoSender(IActorRef echo, object message, int window, int messages, Countdown all)
        {
            var toSend = messages;
            var toReceive = messages;
            Receive<Go>(_ =>
            {
                for (var i = 0; i < window; i++)
                {
                    toSend--;
                    echo.Tell(message, Self);
                }
            });
            ReceiveAny(_ =>
            {
                if (toSend > 0)
                {
                    toSend--;
                    echo.Tell(message, Self);
                }

                if (--toReceive == 0)
                {
                    all.Signal();
                    Context.Stop(Self);
                }
            });
        }
    }

    private sealed record Go
    {
        public static readonly Go Instance = new();
    }
}
