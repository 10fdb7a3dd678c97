using System.Diagnostics;
using System.Globalization;
using GpuActors.Benchmarks.Jobs;
using GpuActors.Client;
using GpuActors.LocalCluster;
using Npgsql;

namespace GpuActors.Benchmarks.Cluster;

/// <summary>
/// Scheduler nodes on PostgreSQL with the cluster's default settings, all processes on this machine: what an idle node
/// needs, what nodes bring, and how long jobs of a node that is killed under load are not answered for.
/// </summary>
internal static class ClusterBenchmark
{
    private const int Probes = 120;
    private const string Killed = "scheduler2";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        await using (var one = await StartAsync(schedulers: 1))
        {
            await WarmUpAsync(one);
            using var client = one.Client();
            await JobsBenchmark.IdleLatencyAsync(output, client, "cluster.idle.submit_to_result.1_node");
            await JobsBenchmark.ThroughputAsync(output, one, "cluster.throughput.1_node");
        }

        await using var three = await StartAsync(schedulers: 3);
        foreach (var (name, node) in three.Schedulers)
        {
            Print(output, $"cluster.idle.rss.{name}", ReadResidentBytes(node.Process.Id) / (double)(1 << 20), "MiB");
        }

        await WarmUpAsync(three);
        await JobsBenchmark.ThroughputAsync(output, three, "cluster.throughput.3_nodes");
        await FailOverAsync(output, three);
    }

    private static Task<LocalCluster.LocalCluster> StartAsync(int schedulers) =>
        LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            Schedulers = schedulers, Store = ClusterStore.Postgres, ProgramsFolder = JobsBenchmark.Nodes,
        });

    private static async Task WarmUpAsync(LocalCluster.LocalCluster cluster)
    {
        using var client = cluster.Client();
        await JobsBenchmark.WarmUpAsync(client);
    }

    /// <summary>kill -9 of a node while clients send jobs; then jobs of all shards are asked for at the other nodes.</summary>
    private static async Task FailOverAsync(TextWriter output, LocalCluster.LocalCluster cluster)
    {
        using var client = cluster.Client();
        var probes = Enumerable.Range(0, Probes).Select(i => $"probe-{i}").ToArray();
        await Task.WhenAll(probes.Select(id => client.Jobs.SubmitAsync(JobsBenchmark.Job(id))));
        await Task.WhenAll(probes.Select(id => client.Jobs.WaitAsync(id)));

        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(number => LoadAsync(client, number, stop.Token)));
        using var others = new GpuActorsClient(cluster.ClientOptions() with
        {
            Servers = [.. cluster.Schedulers.Where(s => s.Key != Killed).Select(s => s.Value.HttpAddress)],
            Attempts = 1000,
            RetryDelayMax = TimeSpan.FromMilliseconds(100),
        });
        var member = Query<string>(
            cluster, $"SELECT id FROM member WHERE status = 1 AND address LIKE '%:{cluster.Schedulers[Killed].RemotingPort}'");
        await cluster.Schedulers[Killed].Process.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        var takenOver = UntilTakenOverAsync(cluster, member, killed);
        var answered = await Task.WhenAll(probes.Select(id => AnsweredAsync(others, id, killed)));
        Print(output, "cluster.kill.taken_over_after", await takenOver, "s");
        Print(output, "cluster.kill.answered_after.max", answered.Max(), "s");
        Print(output, "cluster.kill.answered_within_0.5s", 100.0 * answered.Count(t => t < 0.5) / Probes, "%");
        await stop.CancelAsync();
        await load;
    }

    private static async Task<double> AnsweredAsync(GpuActorsClient client, string id, long since)
    {
        await client.Jobs.GetAsync(id);
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task<double> UntilTakenOverAsync(LocalCluster.LocalCluster cluster, string member, long since)
    {
        while (Query<long>(cluster, $"SELECT COUNT(*) FROM ownership WHERE owner = '{member}'") > 0)
        {
            await Task.Delay(PollInterval);
        }

        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task LoadAsync(GpuActorsClient client, int number, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await client.Jobs.RunAsync(JobsBenchmark.Job($"beside-{number}-{i}"), CancellationToken.None);
        }
    }

    private static T Query<T>(LocalCluster.LocalCluster cluster, string sql)
    {
        using var connection = new NpgsqlConnection(cluster.JournalConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return (T)command.ExecuteScalar()!;
    }

    private static long ReadResidentBytes(int process)
    {
        const string name = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;
    }

    private static void Print(TextWriter output, string name, double value, string unit) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{value:0.###}\t{unit}"));
}
