using GpuActors.Client;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>kill -9 of real processes while jobs are queued: nothing is lost, nothing has two results.</summary>
public sealed class LostProcessTests
{
    private const int Jobs = 200;
    private static readonly TimeSpan PatienceLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Two_hundred_jobs_outlive_a_killed_worker()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings());
        using var client = cluster.Client();
        using var patience = new CancellationTokenSource(PatienceLimit);
        await SubmitAllAsync(client, patience.Token);
        await UntilSomeHaveEndedAsync(client, patience.Token);
        await cluster.Workers["host1"].KillAsync();
        await ExpectOneResultEachAsync(cluster, client, patience.Token);
    }

    [Fact]
    public async Task Accepted_jobs_outlive_a_scheduler_that_is_killed_right_after_the_last_acceptance()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings());
        using var client = cluster.Client();
        using var patience = new CancellationTokenSource(PatienceLimit);
        await SubmitAllAsync(client, patience.Token);
        await cluster.Scheduler.KillAsync();
        await cluster.StartSchedulerAsync();
        await ExpectOneResultEachAsync(cluster, client, patience.Token);
    }

    [Fact]
    public async Task A_worker_that_comes_back_on_the_same_folder_takes_part_again()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings { Workers = 1 });
        using var client = cluster.Client();
        using var patience = new CancellationTokenSource(PatienceLimit);
        await SubmitAllAsync(client, patience.Token);
        await UntilSomeHaveEndedAsync(client, patience.Token);
        await cluster.Workers["host1"].KillAsync();
        await cluster.StartWorkerAsync("host1");
        await ExpectOneResultEachAsync(cluster, client, patience.Token);
    }

    internal static Task SubmitAllAsync(GpuActorsClient client, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, Jobs).Select(i =>
            client.Jobs.SubmitAsync(TestJobs.Number(TestJobs.Id("job", i), i), cancellationToken)));

    internal static Task<JobStatus> UntilSomeHaveEndedAsync(
        GpuActorsClient client, CancellationToken cancellationToken, int tenths = 1) =>
        client.Jobs.WaitAsync(TestJobs.Id("job", Jobs * tenths / 10), cancellationToken);

    internal static async Task ExpectOneResultEachAsync(
        LocalCluster.LocalCluster cluster,
        GpuActorsClient client,
        CancellationToken cancellationToken,
        params string[] others)
    {
        var ended = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(i =>
            client.Jobs.WaitAsync(TestJobs.Id("job", i), cancellationToken)));
        ended.Where(job => job.State != JobState.Completed)
            .Select(job => $"{job.Id}: {job.State} {job.Error?.Message}").ShouldBeEmpty();
        for (var i = 0; i < Jobs; i += 10)
        {
            var output = await client.Jobs.ReadOutputAsync(ended[i], "numbers", cancellationToken);
            TestJobs.FirstNumber(output).ShouldBe(i);
        }

        var results = new Journal(cluster).CountBySession("session.completed.v1");
        results.Count.ShouldBe(Jobs + others.Length);
        results.Where(result => result.Value != 1).ShouldBeEmpty("every job has exactly one result in the journal");
    }
}
