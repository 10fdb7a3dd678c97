using System.Diagnostics;
using GpuActors.Actors;

namespace GpuActors.Benchmarks.Actors;

/// <summary>One parent makes many idle children, then all are stopped with it.</summary>
internal static class Population
{
    public static async Task<Figures> RunAsync(ActorSystem system, int count)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = new Countdown(count);
        var start = Stopwatch.GetTimestamp();
        var parent = system.ActorOf(Props.Create(() => new Parent(count, started)));
        await started.Task;
        var spawnSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        start = Stopwatch.GetTimestamp();
        await parent.GracefulStop(TimeSpan.FromMinutes(5));
        return new Figures(spawnSeconds, (double)bytes / count, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    internal sealed record Figures(double SpawnSeconds, double BytesPerActor, double StopSeconds);

    private sealed class Parent : ReceiveActor
    {
        public Parent(int count, Countdown started)
        {
            var child = Props.Create(() => new Child(started));
            for (var i = 0; i < count; i++)
            {
                Context.ActorOf(child);
            }
        }
    }

    /// <summary>As small as a real one may be: two handlers and a field.</summary>
    private sealed class Child : ReceiveActor
    {
        private int _count;

        public Child(Countdown started)
        {
            Receive<int>(n => _count += n);
            Receive<string>(_ => Sender.Tell(_count));
            started.Signal();
        }
    }
}
