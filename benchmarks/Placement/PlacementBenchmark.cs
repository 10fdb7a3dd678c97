using System.Diagnostics;
using GpuActors.Benchmarks.Actors;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Simulation.Traces;

namespace GpuActors.Benchmarks.Placement;

/// <summary>
/// Decisions of the placement engine in memory, on one core, then decisions that were made durable. The openb cluster and ever larger ones are filled with tasks of the trace until 1.3 of their GPUs were asked for, so
/// that about a quarter of the decisions are refusals; then tasks come and go on the full cluster.
/// </summary>
internal static class PlacementBenchmark
{
    private const string Folder = "samples/openb";
    private const double Inflation = 1.3;
    private const int Rounds = 20;
    private const int RoundsBefore = 5;
    private static readonly string[] ByDefault = ["default", "fgd", "best-fit"];
    private static readonly (string Name, int Hosts)[] Sizes =
        [("1k", 125), ("10k", 1250), ("80k", 10_000), ("100k", 12_500)];

    /// <summary>Measures policies by name; without names those of <see cref="ByDefault"/>.</summary>
    public static async Task RunAsync(TextWriter output, string[] policies)
    {
        var tasks = OpenbTrace.ReadTasks(Path.Combine(Folder, "pods_default.csv.gz")).Select(task => task.Request).ToArray();
        var openb = OpenbTrace.ReadNodes(Path.Combine(Folder, "nodes.csv.gz")).Select(node => node.Spec).ToArray();
        var target = TargetWorkload.Of(tasks);
        foreach (var policy in policies.Length > 0 ? policies : ByDefault)
        {
            Measure(output, $"placement.openb.{policy}", policy, openb, tasks, target, Rounds);
            foreach (var (name, hosts) in Sizes)
            {
                Measure(output, $"placement.{name}.{policy}", policy, Copies(openb, hosts), tasks, target, rounds: 1);
            }
        }

        if (policies.Length == 0)
        {
            CellsBenchmark.Run(output, Copies(openb, Sizes[^1].Hosts), tasks);
            await DurableBenchmark.RunAsync(output);
        }
    }

    /// <summary>Hosts of 8 GPUs in the trace's mix of models.</summary>
    private static HostSpec[] Copies(HostSpec[] openb, int count) => [.. Enumerable.Range(0, count)
        .Select(i => openb[(int)((long)i * 7919 % openb.Length)] with { GpuCount = 8, CpuMilli = 128_000, MemoryMib = 524_288 })];

    private static void Measure(
        TextWriter output, string name, string policy, HostSpec[] hosts, PlacementRequest[] tasks, TargetWorkload target,
        int rounds)
    {
        var latencies = new List<long>(2_000_000); // before memory is measured
        for (var i = 0; i < Math.Min(rounds, RoundsBefore); i++)
        {
            Fill(new Run(policy, hosts, target, seed: 0), tasks, 0, latencies); // compiled from now on
        }

        RemotingBenchmarks.Print(output, $"{name}.memory", BytesPerGpu(policy, hosts, tasks, target, latencies), "bytes/GPU");
        latencies.Clear();
        var runs = new List<double>();
        var processor = TimeSpan.Zero;
        Run? last = null;
        for (var seed = 1; seed <= rounds; seed++)
        {
            last = new Run(policy, hosts, target, seed);
            var (perSecond, spent) = Fill(last, tasks, seed, latencies);
            runs.Add(perSecond);
            processor += spent;
        }

        var decided = latencies.Count;
        runs.Sort();
        RemotingBenchmarks.Print(output, $"{name}.decisions", runs[runs.Count / 2], "decisions/s");
        RemotingBenchmarks.Print(
            output, $"{name}.decisions_of_processor_time", decided / processor.TotalSeconds, "decisions/s");
        PrintLatencies(output, name, latencies);
        RemotingBenchmarks.Print(output, $"{name}.allocated", last!.AllocatedPercent, "% of GPUs");
        RemotingBenchmarks.Print(output, $"{name}.churn.decisions", Churn(last, tasks, latencies), "decisions/s");
        PrintLatencies(output, $"{name}.churn", latencies);
    }

    /// <summary>Memory of a full cluster's state and scores.</summary>
    private static double BytesPerGpu(
        string policy, HostSpec[] hosts, PlacementRequest[] tasks, TargetWorkload target, List<long> latencies)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var run = new Run(policy, hosts, target, seed: 0);
        Fill(run, tasks, 0, latencies);
        return (GC.GetTotalMemory(forceFullCollection: true) - before - run.HeldBytes) / (double)run.State.GpuCount;
    }

    /// <summary>Decisions per second, and the processor's time that they took, which other programs do not change much.</summary>
    private static (double PerSecond, TimeSpan Processor) Fill(Run run, PlacementRequest[] tasks, int seed, List<long> latencies)
    {
        var arrivals = Arrivals(run, tasks, new Random(seed));
        var processor = Environment.CpuUsage.TotalTime;
        var began = Stopwatch.GetTimestamp();
        var last = began;
        foreach (var (request, memory) in arrivals)
        {
            run.Place(request, memory);
            var now = Stopwatch.GetTimestamp();
            latencies.Add(now - last);
            last = now;
        }

        return (arrivals.Length / Stopwatch.GetElapsedTime(began).TotalSeconds, Environment.CpuUsage.TotalTime - processor);
    }

    /// <summary>A task ends, another comes.</summary>
    private static double Churn(Run run, PlacementRequest[] tasks, List<long> latencies)
    {
        var random = new Random(7);
        var count = Math.Min(100_000, 20 * run.Placed.Count);
        var arrivals = Enumerable.Range(0, count).Select(_ => run.ClassOf(tasks[random.Next(tasks.Length)])).ToArray();
        latencies.Clear();
        latencies.EnsureCapacity(count);
        var spent = 0L;
        foreach (var (request, memory) in arrivals)
        {
            run.Release(random.Next(run.Placed.Count));
            var began = Stopwatch.GetTimestamp();
            run.Place(request, memory);
            var took = Stopwatch.GetTimestamp() - began;
            latencies.Add(took);
            spent += took;
        }

        return count / Stopwatch.GetElapsedTime(0, spent).TotalSeconds;
    }

    private static (RequestClass Request, int Memory)[] Arrivals(Run run, PlacementRequest[] tasks, Random random) =>
        [.. Arrivals(tasks, (long)(Inflation * run.State.GpuMilli), random).Select(run.ClassOf)];

    /// <summary>The tasks in random order, again and again, until so much was asked for.</summary>
    internal static List<PlacementRequest> Arrivals(PlacementRequest[] tasks, long gpuMilli, Random random)
    {
        var arrivals = new List<PlacementRequest>();
        for (var sum = 0L; sum < gpuMilli;)
        {
            var once = tasks.ToArray();
            random.Shuffle(once);
            foreach (var task in once.TakeWhile(_ => sum < gpuMilli))
            {
                sum += task.DemandMilli;
                arrivals.Add(task);
            }
        }

        return arrivals;
    }

    private static void PrintLatencies(TextWriter output, string name, List<long> latencies)
    {
        latencies.Sort();
        foreach (var (label, part) in new[] { ("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999) })
        {
            var ticks = latencies[(int)(part * (latencies.Count - 1))];
            RemotingBenchmarks.Print(
                output, $"{name}.{label}", Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds, "us of one decision");
        }
    }

    private sealed class Run
    {
        private readonly PlacementEngine _engine;

        public Run(string policy, HostSpec[] hosts, TargetWorkload target, int seed)
        {
            var shuffled = hosts.ToArray();
            new Random(seed).Shuffle(shuffled);
            Array.ForEach(shuffled, host => State.AddHost(host));
            _engine = new PlacementEngine(
                State, PlacementPolicies.Create(policy, new PolicySettings(State) { Target = target }));
        }

        public ClusterState State { get; } = new();

        public List<PlacedTask> Placed { get; } = [];

        /// <summary>The list of tasks is the benchmark's, not the engine's.</summary>
        public long HeldBytes => Placed.Capacity * (long)System.Runtime.CompilerServices.Unsafe.SizeOf<PlacedTask>();

        public double AllocatedPercent => 100.0 * (State.GpuMilli - State.GpuFreeMilli) / State.GpuMilli;

        public (RequestClass Request, int Memory) ClassOf(PlacementRequest task) =>
            (_engine.Classes.Intern(task), task.HostMemoryMib);

        public void Place(RequestClass request, int memory)
        {
            _engine.Observe(request);
            if (_engine.TryPlace(request, memory, out var placed))
            {
                Placed.Add(placed);
            }
        }

        public void Release(int index)
        {
            _engine.Release(Placed[index]);
            Placed[index] = Placed[^1];
            Placed.RemoveAt(Placed.Count - 1);
        }
    }
}
