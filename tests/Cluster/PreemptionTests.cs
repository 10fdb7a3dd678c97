using GpuActors.LocalCluster;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Cluster.Tests;

/// <summary>Making room, with real processes.</summary>
public sealed class PreemptionTests
{
    private static readonly GpuRequest Whole = new() { Whole = true };

    [Fact]
    public async Task A_scavenger_yields_to_a_normal_job_and_ends_later()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings { Workers = 1 });
        using var client = cluster.Client();
        using var patience = Patience.ForTest();
        await client.Jobs.SubmitAsync(
            TestJobs.Long("scavenger", 200) with
            {
                Gpu = Whole, Class = JobClass.Scavenger, Grace = TimeSpan.Zero, Retries = 0,
            },
            patience.Token);
        await client.UntilRunningAsync("scavenger", 1);
        await client.Jobs.SubmitAsync(TestJobs.Number("normal", 5) with { Gpu = Whole }, patience.Token);

        var normal = await client.Jobs.WaitAsync("normal", patience.Token);
        normal.State.ShouldBe(JobState.Completed);
        TestJobs.FirstNumber(await client.Jobs.ReadOutputAsync(normal, "numbers", patience.Token)).ShouldBe(5);

        var scavenger = await client.Jobs.WaitAsync("scavenger", patience.Token);
        (scavenger.State, scavenger.Attempt, scavenger.Preemptions).ShouldBe((JobState.Completed, 2, 1));
        scavenger.EndedAt!.Value.ShouldBeGreaterThan(normal.EndedAt!.Value);
        var queues = await client.Cluster.ListQueuesAsync(patience.Token);
        queues.Single().Used.Gpus.ShouldBe(0);
    }
}
