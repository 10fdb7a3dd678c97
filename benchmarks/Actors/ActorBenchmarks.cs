using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>
/// The local actor runtime: how many messages, actors and stops a second. Prints a line for each figure:
/// <c>name TAB value TAB unit</c>. Each figure is the median of several rounds after a warm-up.
/// </summary>
public static class ActorBenchmarks
{
    private const int Rounds = 5;

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        var system = ActorSystem.Create("bench");
        await MessagesAsync(output, system);
        await ActorsAsync(output, system);
        await system.Terminate();
    }

    private static async Task MessagesAsync(TextWriter output, ActorSystem system)
    {
        await PrintAsync(output, "actors.ping_pong.one_pair", "messages/s",
            () => PingPong.RunAsync(system, pairs: 1, window: 1, messages: 4_000_000));
        await PrintAsync(output, "actors.ping_pong.one_pair.window_100", "messages/s",
            () => PingPong.RunAsync(system, pairs: 1, window: 100, messages: 8_000_000));
        await PrintAsync(output, "actors.ping_pong.16_pairs.window_100", "messages/s",
            () => PingPong.RunAsync(system, pairs: 16, window: 100, messages: 16_000_000));
        await PrintAsync(output, "actors.fan_in.8_senders", "messages/s",
            () => FanIn.RunAsync(system, senders: 8, messages: 8_000_000));
        await PrintAsync(output, "actors.ask", "answers/s", () => Asking.RunAsync(system, questions: 500_000));
    }

    private static async Task ActorsAsync(TextWriter output, ActorSystem system)
    {
        const int Count = 1_000_000;
        var rounds = new List<Population.Figures>();
        for (var round = 0; round <= Rounds; round++)
        {
            rounds.Add(await Population.RunAsync(system, Count));
        }

        rounds.RemoveAt(0); // warm-up
        Print(output, "actors.spawn", Median(rounds.Select(r => Count / r.SpawnSeconds)), "actors/s");
        Print(output, "actors.idle_actor", Median(rounds.Select(r => r.BytesPerActor)), "bytes");
        Print(output, "actors.stop_a_million_children", Median(rounds.Select(r => r.StopSeconds)), "s");
    }

    private static async Task PrintAsync(TextWriter output, string name, string unit, Func<Task<double>> run)
    {
        await run(); // warm-up
        var figures = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            figures.Add(await run());
        }

        Print(output, name, Median(figures), unit);
    }

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Print(TextWriter output, string name, double value, string unit) =>
        output.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{name}\t{value:0.###}\t{unit}"));

    internal static double PerSecond(long count, long start) => count / Stopwatch.GetElapsedTime(start).TotalSeconds;
}
