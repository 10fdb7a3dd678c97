using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>Questions to an actor of another process.</summary>
internal static class RemoteAsking
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>One question at a time: what each takes.</summary>
    public static async Task PrintLatencyAsync(TextWriter output, string name, IActorRef echo, object question)
    {
        const int Warmup = 20_000;
        const int Measured = 20_000;
        var microseconds = new double[Measured];
        for (var i = -Warmup; i < Measured; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await echo.Ask<object>(question, Patience);
            if (i >= 0)
            {
                microseconds[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Array.Sort(microseconds);
        RemotingBenchmarks.Print(output, name + ".p50", microseconds[Measured / 2], "us");
        RemotingBenchmarks.Print(output, name + ".p99", microseconds[Measured * 99 / 100], "us");
    }

    /// <summary>Answers a second with so many questions under way.</summary>
    public static async Task<double> RateAsync(IActorRef echo, object question, int inFlight, int questions)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => AskAsync(echo, question, questions / inFlight)));
        return ActorBenchmarks.PerSecond(questions, start);
    }

    private static async Task AskAsync(IActorRef echo, object question, int questions)
    {
        for (var i = 0; i < questions; i++)
        {
            await echo.Ask<object>(question, Patience);
        }
    }
}
