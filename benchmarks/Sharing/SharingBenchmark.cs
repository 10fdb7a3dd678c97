using System.Diagnostics;
using GpuActors.Actors.Runtime;
using GpuActors.Benchmarks.Actors;
using GpuActors.Shared.Devices;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Sharing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Benchmarks.Sharing;

/// <summary>
/// How GPUs are shared: the arithmetic of layouts, what a turn costs a kernel, how fast a session starts, and how much of
/// the device each of several sessions really gets, on real executors and the first OpenCL device.
/// </summary>
internal static class SharingBenchmark
{
    private const int Starts = 200;
    private const int TinyKernels = 20_000;
    private const int TinyLoops = 10;
    private const int Loops = 2_000;
    private const int LongLoops = 200_000;
    private const int Ahead = 8;
    private const int Rounds = 15;
    private const int NeighbourRounds = 6;

    /// <summary>Half, and what a look can be off by.</summary>
    private const double HalfAtMost = 0.65;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AloneSpan = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan NeighbourSpan = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(TextWriter output)
    {
        LayoutBenchmark.Run(output);
        var folder = Path.Combine(Path.GetTempPath(), "gab-" + Path.GetRandomFileName());
        var worker = ExecutorCommand.ForWorker(typeof(ExecutorPool).Assembly.Location);
        await using var pool = new ExecutorPool(
            new ExecutorPoolSettings { SocketFolder = folder, PrestartPerDevice = 2 }, worker,
            [BurningSession.Device], new ProductionRuntime(), NullLogger<ExecutorPool>.Instance);
        pool.Start();
        while (pool.ReadyCount < 2)
        {
            await Task.Delay(Settle);
        }

        await StartsAsync(output, pool);
        await OverheadAsync(output, pool);
        await FairnessAsync(output, pool);
        await NewcomerAsync(output, pool);
        await NeighbourAsync(output, pool);
    }

    /// <summary>From asking the pool to a session in which commands can be sent.</summary>
    private static async Task StartsAsync(TextWriter output, ExecutorPool pool)
    {
        var times = new double[Starts];
        for (var i = -10; i < Starts; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var session = await pool.AcquireAsync(
                BurningSession.Request("starts", Weighted(25)), new Nobody(), CancellationToken.None);
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }

            await session.ReleaseAsync();
            await session.DisposeAsync();
        }

        Array.Sort(times);
        RemotingBenchmarks.Print(output, "sharing.session_start.p50", times[Starts / 2], "ms");
        RemotingBenchmarks.Print(output, "sharing.session_start.p99", times[Starts * 99 / 100], "ms");
    }

    /// <summary>
    /// The smallest kernels, with turns and without, one after the other and in long rows. The sessions of one tenant
    /// come to the same executor: processes differ more than what is measured.
    /// </summary>
    private static async Task OverheadAsync(TextWriter output, ExecutorPool pool)
    {
        foreach (var (name, row) in new[] { ("row", TinyKernels), ("single", 1) })
        {
            var (without, with) = (new double[Rounds], new double[Rounds]);
            for (var round = 0; round < Rounds; round++)
            {
                without[round] = await LaunchTimeAsync(pool, null, row);
                with[round] = await LaunchTimeAsync(pool, Weighted(25), row);
            }

            Array.Sort(without);
            Array.Sort(with);
            RemotingBenchmarks.Print(output, $"sharing.launch.{name}.without_turns", without[Rounds / 2], "us");
            RemotingBenchmarks.Print(output, $"sharing.launch.{name}.with_turns", with[Rounds / 2], "us");
            RemotingBenchmarks.Print(
                output, $"sharing.launch.{name}.added", with[Rounds / 2] - without[Rounds / 2], "us");
        }
    }

    private static async Task<double> LaunchTimeAsync(ExecutorPool pool, ShareClaim? claim, int row)
    {
        await using var session = await BurningSession.OpenAsync(pool, "launches", claim, TinyLoops);
        var rows = Math.Max(1, TinyKernels / 40 / row);
        await session.BurnAsync(row);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < rows; i++)
        {
            await session.BurnAsync(row);
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / (rows * row);
    }

    private static async Task FairnessAsync(TextWriter output, ExecutorPool pool)
    {
        await MeasureAsync("fixed_50_25_idle_25", SharePolicy.FixedShare, 8, [0.5, 0.25], Fixed(50), Fixed(25), Fixed(25));
        await MeasureAsync("equal_2", SharePolicy.EqualShare, 8, [0.5, 0.5], Fixed(0), Fixed(0));
        await MeasureAsync("equal_2_idle_1", SharePolicy.EqualShare, 8, [1 / 3.0, 1 / 3.0], Fixed(0), Fixed(0), Fixed(0));
        await MeasureAsync("best_effort_2_idle_1", SharePolicy.BestEffort, 4, [0.5, 0.5], Fixed(0), Fixed(0), Fixed(0));
        await MeasureAsync("best_effort_1_idle_2", SharePolicy.BestEffort, 4, [1], Fixed(0), Fixed(0), Fixed(0));
        await MeasureAsync("weighted_50_25_idle_25", SharePolicy.Weighted, 100, [0.625, 0.375], Fixed(50), Fixed(25), Fixed(25));
        await MeasureAsync(
            "shares_high_low", SharePolicy.Weighted, 100, [0.8, 0.2],
            new SharePart(0, ShareLevel.High), new SharePart(0, ShareLevel.Low));

        async Task MeasureAsync(string name, SharePolicy policy, int positions, double[] expected, params SharePart[] parts)
        {
            // Before and after: a virtual machine's speed changes within minutes.
            var before = await AloneAsync(pool);
            var rates = await RateAsync(pool, parts, policy, positions, expected.Length, Span);
            var alone = (before + await AloneAsync(pool)) / 2;
            Print("alone", alone, "kernels/s");
            var (all, due, error) = (rates.Sum(), expected.Sum(), 0.0);
            for (var i = 0; i < expected.Length; i++)
            {
                error = Math.Max(error, Math.Abs((rates[i] / all) - (expected[i] / due)) / (expected[i] / due));
                Print(
                    $"share_{i}", 100 * rates[i] / alone,
                    FormattableString.Invariant($"% of the device (due {100 * expected[i]:0.#})"));
            }

            if (expected.Length > 1)
            {
                Print(
                    "ratio", rates[0] / rates[1], FormattableString.Invariant($"(due {expected[0] / expected[1]:0.##})"));
                Print("fairness_error", 100 * error, "% of what is due, among those that work");
            }

            Print("switching", 100 * (1 - (all / alone / due)), "% of the time due that goes to switching");

            void Print(string figure, double value, string unit) =>
                RemotingBenchmarks.Print(output, $"sharing.{name}.{figure}", value, unit);
        }
    }

    /// <summary>Under equal share, idle or not, a new vGPU changes everybody's part: how soon.</summary>
    private static async Task NewcomerAsync(TextWriter output, ExecutorPool pool)
    {
        var claim = Claim(SharePolicy.EqualShare, 4, default);
        await using var mine = await BurningSession.OpenAsync(pool, "mine", claim, Loops);
        mine.Start(Ahead);
        var alone = await KernelsAsync(mine, NeighbourSpan) * Look.TotalSeconds;
        await using var newcomer = await BurningSession.OpenAsync(pool, "newcomer", claim, Loops);
        var began = Stopwatch.GetTimestamp();
        long before;
        do
        {
            before = mine.Ended;
            await Task.Delay(Look);
        }
        while (mine.Ended - before > alone * HalfAtMost);
        RemotingBenchmarks.Print(
            output, "sharing.equal.newcomer", Stopwatch.GetElapsedTime(began).TotalMilliseconds,
            $"ms until a new vGPU has changed the other's share (looks of {Look.TotalMilliseconds} ms)");
    }

    /// <summary>What a neighbour that launches without end costs a slice, as each mode keeps them apart.</summary>
    private static async Task NeighbourAsync(TextWriter output, ExecutorPool pool)
    {
        var quarter = Claim(SharePolicy.FixedShare, 4, default);
        await MeasureAsync("fixed_25.short_kernels", quarter, 0, Loops);
        await MeasureAsync("fixed_25.long_kernels", quarter, 0, LongLoops);
        await MeasureAsync("equal_of_4", Claim(SharePolicy.EqualShare, 4, default), 0, Loops);
        await MeasureAsync("reserved_25", Weighted(25), 0, Loops);
        await MeasureAsync("best_effort", Claim(SharePolicy.BestEffort, 4, default), 0, Loops);
        await MeasureAsync("own_unit", null, 1, Loops);

        async Task MeasureAsync(string name, ShareClaim? claim, int units, int loops)
        {
            await using var mine = await BurningSession.OpenAsync(pool, "mine", claim, Loops, units);
            await using var neighbour = await BurningSession.OpenAsync(pool, "neighbour", claim, loops, units);
            mine.Start(Ahead);
            var slowdowns = new double[NeighbourRounds];
            var before = await KernelsAsync(mine, NeighbourSpan);
            for (var round = 0; round < NeighbourRounds; round++)
            {
                neighbour.Start(Ahead);
                var busy = await KernelsAsync(mine, NeighbourSpan);
                await neighbour.StopAsync();
                var after = await KernelsAsync(mine, NeighbourSpan);
                slowdowns[round] = 100 * (1 - (2 * busy / (before + after)));
                before = after;
            }

            Array.Sort(slowdowns);
            var median = (slowdowns[NeighbourRounds / 2] + slowdowns[(NeighbourRounds - 1) / 2]) / 2;
            RemotingBenchmarks.Print(output, $"sharing.neighbour.{name}.slowdown", median, "%");
        }
    }

    private static async Task<double> AloneAsync(ExecutorPool pool) =>
        (await RateAsync(pool, [new SharePart(0)], SharePolicy.BestEffort, 4, active: 1, AloneSpan))[0];

    private static async Task<double[]> RateAsync(
        ExecutorPool pool, SharePart[] parts, SharePolicy policy, int positions, int active, TimeSpan span)
    {
        var sessions = new List<BurningSession>();
        for (var i = 0; i < parts.Length; i++)
        {
            sessions.Add(await BurningSession.OpenAsync(pool, $"t{i}", Claim(policy, positions, parts[i]), Loops));
        }

        sessions.Take(active).ToList().ForEach(session => session.Start(Ahead));
        var rates = await Task.WhenAll(sessions.Take(active).Select(session => KernelsAsync(session, span)));
        foreach (var session in sessions)
        {
            await session.DisposeAsync();
        }

        return rates;
    }

    private static async Task<double> KernelsAsync(BurningSession session, TimeSpan span)
    {
        await Task.Delay(Settle);
        var (ended, began) = (session.Ended, Stopwatch.GetTimestamp());
        await Task.Delay(span);
        return (session.Ended - ended) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static ShareClaim Claim(SharePolicy policy, int positions, SharePart part) =>
        new(policy, positions, part == default ? new SharePart(0) : part);

    private static ShareClaim Weighted(int percent) => Claim(SharePolicy.Weighted, 100, new SharePart(percent));

    private static SharePart Fixed(int percent) => new(percent);

    private sealed class Nobody : GpuActors.Shared.Commands.ICommandObserver;
}
