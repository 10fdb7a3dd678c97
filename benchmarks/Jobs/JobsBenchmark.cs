using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuActors.Client;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Benchmarks.Jobs;

/// <summary>
/// Jobs end to end on a cluster of real processes on loopback: one scheduler on SQLite (every acceptance is on the
/// disk before it is answered), two workers, clients in this process, all on the same machine. Each job launches one
/// small kernel and returns 4 KiB.
/// </summary>
internal static class JobsBenchmark
{
    /// <summary>Where <c>./bench</c> publishes the nodes.</summary>
    public static readonly string Nodes = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../nodes"));

    private const int Connections = 8;
    private const int Jobs = 2000;
    private const int IdleJobs = 200;
    private const int Submissions = 3000;
    private const int LossJobs = 100;
    private const int Items = 1024;
    private const string Source = "kernel void number(int n, global int* out) { out[get_global_id(0)] = n + get_global_id(0); }";

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        var native = NativeKernel.Measure(Source, "number", Items, 500);
        Print(output, "jobs.native.kernel.p50", Percentile(native, 50), "ms");
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings { ProgramsFolder = Nodes });
        using var client = cluster.Client();
        await WarmUpAsync(client);
        await IdleLatencyAsync(output, client, "jobs.idle.submit_to_result");
        await ThroughputAsync(output, cluster, "jobs.throughput.end_to_end");
        await SubmissionsAsync(output, cluster);
        await LossAsync(output, cluster, client);
    }

    /// <summary>Jobs that are not measured.</summary>
    public static async Task WarmUpAsync(GpuActorsClient client)
    {
        // Every executor builds the program once; enough jobs at once reach all of them.
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
                client.Jobs.RunAsync(Job(string.Create(CultureInfo.InvariantCulture, $"warm-{round}-{i}")))));
        }
    }

    /// <summary>One job at a time: submitted, waited for, its result read.</summary>
    public static async Task IdleLatencyAsync(TextWriter output, GpuActorsClient client, string name)
    {
        var times = new double[IdleJobs];
        for (var i = 0; i < IdleJobs; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await RunOneAsync(client, $"idle-{i}");
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Print(output, name + ".p50", Percentile(times, 50), "ms");
        Print(output, name + ".p99", Percentile(times, 99), "ms");
    }

    /// <summary>Jobs of several clients at once, each submitted, waited for and its result read.</summary>
    public static async Task ThroughputAsync(TextWriter output, LocalCluster.LocalCluster cluster, string name)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async connection =>
        {
            using var client = cluster.Client();
            var mine = Enumerable.Range(0, Jobs / Connections).Select(i => $"load-{connection}-{i}").ToArray();
            foreach (var id in mine)
            {
                await client.Jobs.SubmitAsync(Job(id));
            }

            foreach (var id in mine)
            {
                await ReadResultAsync(client, await client.Jobs.WaitAsync(id));
            }
        }));
        Print(output, name, Jobs / Stopwatch.GetElapsedTime(started).TotalSeconds, "jobs/s");
    }

    /// <summary>Jobs that no GPU here can serve, so that only their acceptance is measured.</summary>
    private static async Task SubmissionsAsync(TextWriter output, LocalCluster.LocalCluster cluster)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async connection =>
        {
            using var client = cluster.Client();
            for (var i = 0; i < Submissions / Connections; i++)
            {
                await client.Jobs.SubmitAsync(Job($"wait-{connection}-{i}", model: "none"));
            }
        }));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print(output, "jobs.submissions.durable", Submissions / seconds, "jobs/s");
    }

    /// <summary>kill -9 of the scheduler right after the last of 100 acknowledgements.</summary>
    private static async Task LossAsync(TextWriter output, LocalCluster.LocalCluster cluster, GpuActorsClient client)
    {
        var ids = Enumerable.Range(0, LossJobs).Select(i => $"kill-{i}").ToArray();
        await Task.WhenAll(ids.Select(id => client.Jobs.SubmitAsync(Job(id))));
        await cluster.Scheduler.KillAsync();
        var started = Stopwatch.GetTimestamp();
        await cluster.StartSchedulerAsync();
        var ended = await Task.WhenAll(ids.Select(id => client.Jobs.WaitAsync(id)));
        Print(output, "jobs.kill.acknowledged", LossJobs, "jobs");
        Print(output, "jobs.kill.lost", ended.Count(job => job.State != JobState.Completed), "jobs");
        Print(output, "jobs.kill.all_done_after", Stopwatch.GetElapsedTime(started).TotalSeconds, "s");
    }

    private static async Task RunOneAsync(GpuActorsClient client, string id)
    {
        await client.Jobs.SubmitAsync(Job(id));
        await ReadResultAsync(client, await client.Jobs.WaitAsync(id));
    }

    private static async Task ReadResultAsync(GpuActorsClient client, JobStatus job)
    {
        if (job.State != JobState.Completed)
        {
            throw new InvalidOperationException($"{job.Id} ended as {job.State}: {job.Error?.Message}");
        }

        var result = await client.Jobs.ReadOutputAsync(job, "numbers");
        if (result.Length != Items * sizeof(int))
        {
            throw new InvalidOperationException($"{job.Id} returned {result.Length} bytes.");
        }
    }

    /// <summary>A job with one small kernel and 4 KiB of result.</summary>
    public static JobDocument Job(string id, string model = "*") => JobDocument.Parse(Encoding.UTF8.GetBytes($$"""
        {
          "id": "{{id}}",
          "gpu": { "memory": "16MiB", "compute": "25%", "model": "{{model}}" },
          "programs": { "main": { "source": "{{Source}}" } },
          "buffers": { "out": { "size": {{Items * sizeof(int)}} } },
          "steps": [
            { "launch": { "kernel": "number", "global": {{Items}}, "args": [{ "int": 7 }, "out"] } },
            { "read": { "from": "out", "output": "numbers" } }
          ],
          "outputs": { "numbers": { "element": "int" } }
        }
        """)).GetDocumentOrThrow();

    private static double Percentile(double[] values, int percent)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }

    private static void Print(TextWriter output, string name, double value, string unit) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{value:0.###}\t{unit}"));
}
