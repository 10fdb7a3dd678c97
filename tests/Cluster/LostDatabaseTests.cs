using System.Net;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>The database is lost and comes back.</summary>
public sealed class LostDatabaseTests
{
    private const int Rounds = 1000;

    /// <summary>How long it stays away after all nodes have noticed: several of their leases.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(8);


    [Fact]
    public async Task While_the_database_is_away_jobs_run_on_and_when_it_is_back_so_is_the_service()
    {
        using var patience = Patience.ForTest();
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            Schedulers = 3,
            Workers = 3,
            Store = ClusterStore.Postgres,
            // As by default: longer than a database may be away.
            ExtraConfig = "gpuactors { scheduler.host-lease = 90s, worker.executors.prestart = 1 }",
        });
        using var client = cluster.Client();
        // Clients that go on asking for longer than ours do by themselves.
        await using var load = new Load(
            cluster, "load", patience.Token, o => o with { Attempts = 100, RetryDelayMax = TimeSpan.FromSeconds(1) });
        await client.Jobs.SubmitAsync(TestJobs.Long("long", Rounds), patience.Token);
        var before = await client.UntilRunningAsync("long", attempt: 1);
        await load.UntilMoreHaveEndedAsync(20);

        cluster.Database!.Kill();
        await Task.WhenAll(cluster.Schedulers.Values.Select(node => UntilHealthIsAsync(node, HttpStatusCode.ServiceUnavailable)));
        await Task.Delay(Outage, patience.Token);
        cluster.Database.Start();
        await Task.WhenAll(cluster.Schedulers.Values.Select(node => UntilHealthIsAsync(node, HttpStatusCode.OK)));

        await load.UntilMoreHaveEndedAsync(20);
        var after = await client.Jobs.WaitAsync("long", patience.Token);
        (after.State, after.Attempt, after.Epoch).ShouldBe((JobState.Completed, 1, before.Epoch));
        await load.ExpectOneResultEachAsync();
        cluster.Schedulers.Values.ShouldAllBe(node => !node.Process.HasExited);
    }

    private static async Task UntilHealthIsAsync(SchedulerProcess node, HttpStatusCode wanted)
    {
        using var http = new HttpClient { BaseAddress = node.HttpAddress, Timeout = TimeSpan.FromSeconds(20) };
        await Patience.UntilAsync($"/health of {node.Process.Name} answers {wanted}", async () =>
        {
            using var answer = await http.GetAsync(ApiRoutes.Health);
            return answer.StatusCode == wanted;
        });
    }
}
