using System.Net;
using GpuActors.Actors;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Tests.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class ExplainApiTests : IAsyncLifetime
{
    private SchedulerFixture _scheduler = null!;
    private HttpClient _tenant = null!;

    public async Task InitializeAsync()
    {
        _scheduler = await SchedulerFixture.StartAsync();
        _tenant = _scheduler.Client("acme");
    }

    public async Task DisposeAsync()
    {
        _tenant.Dispose();
        await _scheduler.DisposeAsync();
    }

    [Fact]
    public async Task A_job_says_why_it_is_where_it_is_and_one_that_waits_why_it_is_not()
    {
        Join("a");
        Join("b");
        using var first = await _tenant.SubmitAsync(Http.Document("first", gpu: "\"memory\": \"30GiB\""));
        var placed = await AwaitAsync("first", explained => explained.Choice is not null && explained.Slices.Count > 0);
        placed.Slices.ShouldHaveSingleItem().Host.ShouldBe("a");
        placed.Choice.ShouldNotBeNull().ShouldSatisfyAllConditions(
            choice => (choice.Host, choice.NextHost, choice.HostsWithRoom).ShouldBe(("a", "b", 2)),
            choice => choice.Score.ShouldBeGreaterThanOrEqualTo(choice.NextScore.ShouldNotBeNull()));

        using var second = await _tenant.SubmitAsync(Http.Document("second", gpu: "\"memory\": \"30GiB\""));
        await AwaitAsync("second", explained => explained.Choice is not null);
        using var third = await _tenant.SubmitAsync(Http.Document("third", gpu: "\"memory\": \"16GiB\""));
        var waiting = await AwaitAsync("third", explained => explained.Reasons.Count > 0);
        waiting.State.ShouldBe(JobState.Queued);
        waiting.Reasons.ShouldBe([new PlacementReason(2, "GPU(s) with too little free memory now")]);
        waiting.Help.ShouldContain("It would fit with 10 GiB instead of 16 GiB (6 GiB less memory).");
        waiting.Help[^1].ShouldContain("waits for others to end");

        using var other = await _tenant.SubmitAsync(Http.Document("other", gpu: "\"memory\": \"4GiB\", \"model\": \"H100*\""));
        var never = await AwaitAsync("other", explained => explained.Help.Count > 0);
        never.Help[0].ShouldBe("It would fit on host a without model 'H100*'.");
        never.Help[^1].ShouldContain("one must join that has 1 GPU(s) with 4 GiB of memory of model 'H100*'");
    }

    [Fact]
    public async Task A_job_that_has_ended_says_so_and_one_that_is_not_there_is_not_found()
    {
        using var submitted = await _tenant.SubmitAsync(Http.Document("gone"));
        using var cancelled = await _tenant.PostAsync("/v1/jobs/gone/cancel", null);
        (await AwaitAsync("gone", explained => explained.State == JobState.Cancelled)).Summary.ShouldStartWith("It has ended");
        using var none = await _tenant.GetAsync("/v1/jobs/nobody/explain");
        await none.ProblemAsync(HttpStatusCode.NotFound);
        using var stranger = _scheduler.Client("other");
        using var hidden = await stranger.GetAsync("/v1/jobs/gone/explain");
        await hidden.ProblemAsync(HttpStatusCode.NotFound);
    }

    private void Join(string host) => _scheduler.Regions.TellCell(
        _scheduler.Regions.Pool, new HostUp(host, [TestGpus.Gpu(0, modes: GpuMode.Shared)], 8, 1), ActorRefs.Nobody);

    private async Task<JobExplanation> AwaitAsync(string id, Func<JobExplanation, bool> isDone)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await _tenant.GetAsync($"/v1/jobs/{id}/explain", patience.Token);
            var explained = await answer.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.JobExplanation);
            if (isDone(explained))
            {
                return explained;
            }
        }
    }
}
