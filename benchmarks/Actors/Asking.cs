using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Questions from outside, some at a time.</summary>
internal static class Asking
{
    private const int Askers = 16;

    public static async Task<double> RunAsync(ActorSystem system, int questions)
    {
        var echo = system.ActorOf(Props.Create(() => new Echo()));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Askers).Select(_ => AskAsync(echo, questions / Askers)));
        var figure = ActorBenchmarks.PerSecond(questions, start);
        system.Stop(echo);
        return figure;
    }

    private static async Task AskAsync(IActorRef echo, int questions)
    {
        for (var i = 0; i < questions; i++)
        {
            await echo.Ask<string>("question", TimeSpan.FromMinutes(1));
        }
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => Receive<string>(text => Sender.Tell(text, Self));
    }
}
