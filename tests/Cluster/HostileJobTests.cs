using GpuActors.LocalCluster;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>Jobs that crash, spin or ask for too much: each ends alone, and says why.</summary>
public sealed class HostileJobTests
{
    [Fact]
    public async Task Jobs_that_crash_spin_or_hunger_end_alone_while_others_finish()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings { Workers = 1 });
        using var client = cluster.Client();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var crash = TestJobs.Kernel("crash", "kernel void k(global int* b) { for (long i = 0; ; i += 4096) b[i * 1024] = 1; }");
        var spin = TestJobs.Kernel(
            "spin", "kernel void k(global volatile int* b) { while (b[0] == 0) b[1]++; }", "\"timeLimit\": \"2s\",");
        var wrong = TestJobs.Kernel("wrong", "kernel void k(global int* b) { this is not C; }");
        var unknown = TestJobs.Kernel("unknown", "kernel void other(global int* b) { b[0] = 1; }");
        foreach (var job in new[] { crash, spin, wrong, unknown, TestJobs.Hungry("hungry") })
        {
            await client.Jobs.SubmitAsync(job, patience.Token);
        }

        var beside = await Task.WhenAll(Enumerable.Range(0, 5).Select(i =>
            client.Jobs.RunAsync(TestJobs.Number(TestJobs.Id("beside", i), i), patience.Token)));
        beside.ShouldAllBe(job => job.State == JobState.Completed);
        await ExpectFailureAsync("crash", "SIGSEGV");
        await ExpectFailureAsync("spin", "2 s");
        await ExpectFailureAsync("wrong", "main");
        await ExpectFailureAsync("unknown", "other");
        await ExpectFailureAsync("hungry", "the slice's largest allocation");
        cluster.Workers["host1"].HasExited.ShouldBeFalse();

        async Task ExpectFailureAsync(string id, string word)
        {
            var ended = await client.Jobs.WaitAsync(id, patience.Token);
            ended.State.ShouldBe(JobState.Failed, id);
            ended.Error.ShouldNotBeNull().Message.ShouldContain(word);
        }
    }
}
