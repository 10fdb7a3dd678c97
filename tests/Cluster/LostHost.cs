using System.Text.Json;
using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>A job that would never end, on a worker that is about to lose touch with its schedulers.</summary>
internal sealed class LostHost(LocalCluster.LocalCluster cluster, GpuActorsClient client, string job)
{
    /// <summary>
    /// Settings with which the lease ends soon, and with long margins: what must happen before what is seen even by a
    /// test that gets little time. Executors are those of sessions only.
    /// </summary>
    public const string Config = """
        gpuactors {
          scheduler { host-lease = 5s, host-lease-margin = 3s }
          worker { lease-margin = 2s, executors.prestart = 0 }
        }
        """;

    /// <summary>
    /// Loses the host that the job runs on; the job must run on another one, once, and its first executor must have
    /// ended before the second attempt was decided on.
    /// </summary>
    /// <param name="lose">Gets the host's name.</param>
    /// <param name="regain">The same; then the host must be up again.</param>
    public async Task ExpectMoveAsync(Action<string> lose, Action<string> regain)
    {
        await client.Jobs.SubmitAsync(TestJobs.Endless(job));
        var first = (await client.UntilRunningAsync(job, attempt: 1)).Slices[0].Host;
        var worker = cluster.Workers[first].Id;
        ProcessTable.RunningChildrenOf(worker).Count.ShouldBe(1, "the one executor runs the job");

        lose(first);
        await Patience.UntilAsync($"the executor of {first} has ended", () =>
            ProcessTable.RunningChildrenOf(worker).Count == 0);
        var ended = DateTimeOffset.UtcNow;
        var second = (await client.UntilRunningAsync(job, attempt: 2)).Slices[0].Host;

        second.ShouldNotBe(first);
        var journal = new Journal(cluster);
        var placements = journal.EventsOf(job, "session.placed.v1");
        placements.Count.ShouldBe(2);
        At(placements[1]).ShouldBeGreaterThan(ended, "nothing of the job ran on its first host any more");
        At(journal.EventsOf(job, "session.attempt-lost.v1").ShouldHaveSingleItem()).ShouldBeGreaterThan(ended);

        regain(first);
        await Patience.UntilAsync($"{first} is up again", async () =>
            (await client.Cluster.GetHostAsync(first)).State == HostState.Up);
        (await client.Jobs.GetAsync(job)).Attempt.ShouldBe(2);
        await client.Jobs.CancelAsync(job);
        var ends = await client.Jobs.WaitAsync(job);
        ends.State.ShouldBe(JobState.Cancelled);
        journal.CapacityGivenTwice().ShouldBeEmpty();
    }

    private static DateTimeOffset At(JsonElement change) => change.GetProperty("at").GetDateTimeOffset();
}
