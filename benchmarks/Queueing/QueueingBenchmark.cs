using System.Diagnostics;
using GpuActors.Benchmarks.Actors;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Benchmarks.Queueing;

/// <summary>
/// One release into a long queue, on one core: what was freed wakes those who may use it, the first of them is taken and
/// placed, and those for whom too little is left rest again. The pool is full; the waiting ask for many different shapes,
/// and belong to many tenants in queues of three levels. Decisions in memory: no cell, no journal.
/// </summary>
internal static class QueueingBenchmark
{
    private const int Hosts = 1250;
    private const int GpusPerHost = 8;
    private const int WarmUp = 2000;
    private const long DeviceBytes = 40L << 30;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Task RunAsync(TextWriter output)
    {
        Releasing(output, "queueing.release.1000", 1_000, 200, 50, 4000);
        Releasing(output, "queueing.release.20000", 20_000, 200, 50, 4000);
        Releasing(output, "queueing.release.20000.shapes-20000", 20_000, 20_000, 1, 1000);
        Releasing(output, "queueing.release.20000.tenants-20000", 20_000, 200, 20_000, 1000);
        Releasing(output, "queueing.release.100000", 100_000, 200, 50, 1000);
        Enqueueing(output);
        return Task.CompletedTask;
    }

    private static void Releasing(TextWriter output, string name, int waiting, int shapes, int tenants, int releases)
    {
        var world = new World();
        var random = new Random(1);
        world.Fill();
        for (var i = 0; i < waiting; i++)
        {
            world.Queue.Add(World.Waiting(random, i, shapes, tenants));
        }

        world.Serve();
        var times = new List<double>(releases);
        for (var i = 0; i < releases + WarmUp; i++)
        {
            var session = world.Sessions[random.Next(world.Sessions.Count)];
            var began = Stopwatch.GetTimestamp();
            var placed = world.Release(session);
            var took = Stopwatch.GetElapsedTime(began);
            if (i >= WarmUp)
            {
                times.Add(took.TotalMicroseconds);
            }

            for (; placed > 0; placed--)
            {
                world.Queue.Add(World.Waiting(random, waiting + world.Count++, shapes, tenants)); // as many wait as before
            }
        }

        times.Sort();
        Print(output, $"{name}.p50", times[times.Count / 2]);
        Print(output, $"{name}.p99", times[times.Count * 99 / 100]);
        Print(output, $"{name}.max", times[^1]);
        RemotingBenchmarks.Print(output, $"{name}.tries", (double)world.Tries / (releases + WarmUp), "tries/release");
    }

    private static void Enqueueing(TextWriter output)
    {
        const int Count = 200_000;
        var world = new World();
        var random = new Random(1);
        world.Fill();
        var sessions = Enumerable.Range(0, Count).Select(i => World.Waiting(random, i, 200, 50)).ToArray();
        var began = Stopwatch.GetTimestamp();
        Array.ForEach(sessions, session => world.Queue.Add(session));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        RemotingBenchmarks.Print(output, "queueing.enqueue", Count / seconds, "sessions/s");
    }

    private static void Print(TextWriter output, string name, double microseconds) =>
        RemotingBenchmarks.Print(output, name, microseconds, "us");

    /// <summary>A pool that is full, and a cell that looks where the queue's picture says that there is room.</summary>
    private sealed class World
    {
        private readonly PoolLoad _pool = new(new GpuFit(GpuModels.BuiltIn));
        private readonly Dictionary<string, int> _placeOf = new(StringComparer.Ordinal);
        private int _slice;

        public World()
        {
            for (var host = 0; host < Hosts; host++)
            {
                _pool.SetHost($"h{host}", [.. Enumerable.Range(0, GpusPerHost).Select(i =>
                    new GpuInventory(i, "A100-SXM4-40GB", "NVIDIA", "1", "gpu", DeviceBytes, 108))]);
            }

            QueueSpec[] specs =
            [
                .. Enumerable.Range(0, 5).Select(org => new QueueSpec { Name = $"org{org}", Weight = 1 + org }),
                .. Enumerable.Range(0, 20).Select(team => new QueueSpec
                {
                    Name = $"team{team}",
                    Parent = $"org{team % 5}",
                    Quota = ResourceVector.Unlimited with { GpuMilli = Hosts * GpusPerHost * 1000 / 20 },
                    Borrow = true,
                }),
            ];
            var quotas = new QuotaTree(specs) { Capacity = _pool.Capacity };
            Queue = new WaitingQueue(new QueuePolicy(), new UsageLedger(quotas), _pool);
        }

        public WaitingQueue Queue { get; }

        public List<string> Sessions { get; } = [];

        public int Count { get; set; }

        public int Tries { get; private set; }

        public static WaitingSession Waiting(Random random, int index, int shapes, int tenants)
        {
            var shape = random.Next(shapes);
            var tenant = random.Next(tenants);
            var percent = 5 + (shape % 96);
            return new WaitingSession(
                $"t{tenant}/j{index}",
                percent > 99
                    ? new GpuRequest { Whole = true, DeviceMemoryBytes = shape }
                    : new GpuRequest { ComputePercent = percent, MemoryBytes = percent * (DeviceBytes / 100), DeviceMemoryBytes = shape },
                random.Next(3),
                Start.AddSeconds(index),
                [])
            {
                Terms = new QueueTerms
                {
                    Tenant = $"t{tenant}",
                    Queue = $"team{tenant % 20}",
                    TimeLimit = TimeSpan.FromMinutes(10 * (1 + random.Next(6))),
                },
            };
        }

        public void Fill()
        {
            foreach (var device in _pool.Devices)
            {
                for (var part = 0; part < 4; part++)
                {
                    Put($"full/{device.Name}/{part}", device, 25, QueueTerms.Default with { TimeLimit = TimeSpan.FromHours(1) });
                }
            }
        }

        public int Release(string session)
        {
            var index = _placeOf[session];
            Sessions[index] = Sessions[^1];
            _placeOf[Sessions[index]] = index;
            Sessions.RemoveAt(Sessions.Count - 1);
            _placeOf.Remove(session);
            var slice = _pool.Running[session].Slices[0];
            _pool.Remove(session);
            Queue.Released(session);
            var freed = _pool.FreeOn($"{slice.Host}/{slice.GpuIndex}")!;
            Queue.CapacityFreed(freed);
            return Serve(freed.Name);
        }

        public int Serve(string? freed = null)
        {
            var placed = 0;
            while (Queue.TryTake(Start, out var next))
            {
                Tries += freed is null ? 0 : 1;
                var member = next.Unit.Members[0];
                var device = freed is null || next.Forbidden.Contains(freed) ? null : _pool.Find(freed);
                if (device is null || !_pool.Fit.SurelyServes(member.Request, device.Free))
                {
                    Queue.PutBack(next.Unit, couldFit: true, "No room.");
                    continue;
                }

                var grant = Put(member.Session, device, member.Request.Whole ? 100 : member.Request.ComputePercent!.Value, member.Terms);
                Queue.Placed(next.Unit, [new(member.Session, [grant])]);
                placed++;
            }

            return placed;
        }

        private SliceGrant Put(string session, DeviceLoad device, int percent, QueueTerms terms)
        {
            var grant = new SliceGrant(
                $"{device.Name}/s{_slice++}", device.Host, device.Gpu.Index, percent * (DeviceBytes / 100), percent, percent == 100);
            _pool.Add(new RunningSession(session, _slice, terms, [grant], Start));
            _placeOf[session] = Sessions.Count;
            Sessions.Add(session);
            return grant;
        }
    }
}
