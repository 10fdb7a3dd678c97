using System.Net;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>Settings that bound what one may ask for.</summary>
public sealed class LimitsApiTests : IAsyncLifetime
{
    private SchedulerFixture _scheduler = null!;

    public async Task InitializeAsync() => _scheduler = await SchedulerFixture.StartAsync(
        "gpuactors.api.rate-limit { requests-per-second = 1, burst = 8 }",
        "gpuactors.api.max-body = 2KiB",
        "gpuactors.scheduler.queue.max-waiting = 2",
        "gpuactors.scheduler.session { default-time-limit = 1m, max-time-limit = 1h }");

    public Task DisposeAsync() => _scheduler.DisposeAsync();

    [Fact]
    public async Task A_tenant_that_asks_too_often_is_told_when_to_come_again_and_others_are_served()
    {
        using var busy = _scheduler.Client("busy");
        using var calm = _scheduler.Client("calm");
        using var worker = _scheduler.Client("-", TicketRole.Worker);
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 100 && refused is null; i++)
        {
            var response = await busy.GetAsync("/v1/jobs");
            refused = response.StatusCode == HttpStatusCode.OK ? null : response;
            i.ShouldBeLessThan(99, "100 requests were all served");
        }

        var problem = await refused!.ProblemAsync(HttpStatusCode.TooManyRequests);
        problem.Type.ShouldBe(ProblemTypes.TooMany);
        problem.Detail.ShouldNotBeNull().ShouldContain("1 requests a second");
        refused!.Headers.RetryAfter.ShouldNotBeNull().Delta.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
        using var served = await calm.GetAsync("/v1/jobs");
        served.StatusCode.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 20; i++)
        {
            using var blob = await worker.GetAsync($"/v1/blobs/{new string('0', 64)}?tenant=busy");
            blob.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task No_more_jobs_may_wait_than_the_queue_holds()
    {
        using var client = _scheduler.Client("queue");
        using var one = await client.SubmitAsync(Http.Document("one"));
        using var two = await client.SubmitAsync(Http.Document("two"));
        using var three = await client.SubmitAsync(Http.Document("three"));
        using var again = await client.SubmitAsync(Http.Document("one"));

        var problem = await three.ProblemAsync(HttpStatusCode.TooManyRequests);
        problem.Type.ShouldBe(ProblemTypes.TooMany);
        problem.Detail.ShouldNotBeNull().ShouldContain("2 jobs wait");
        three.Headers.RetryAfter.ShouldNotBeNull();
        await again.StatusAsync(HttpStatusCode.OK);
        using var cancel = await client.PostAsync("/v1/jobs/one/cancel", null);
        using var later = await client.SubmitAsync(Http.Document("three"));
        await later.StatusAsync(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Jobs_that_waited_before_a_restart_count_after_it()
    {
        using (var before = _scheduler.Client("full"))
        {
            using var one = await before.SubmitAsync(Http.Document("one"));
            using var two = await before.SubmitAsync(Http.Document("two"));
            await two.StatusAsync(HttpStatusCode.Accepted);
        }

        await _scheduler.RestartAsync();
        using var client = _scheduler.Client("full");
        using var known = await client.GetAsync("/v1/jobs/one");
        using var also = await client.GetAsync("/v1/jobs/two");
        using var three = await client.SubmitAsync(Http.Document("three"));
        await three.ProblemAsync(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_longer_time_than_the_cluster_allows_is_refused()
    {
        using var client = _scheduler.Client("time");
        using var refused = await client.SubmitAsync(Http.Document("long", "\"timeLimit\": \"61m\","));
        using var accepted = await client.SubmitAsync(Http.Document("fits", "\"timeLimit\": \"1h\","));

        (await refused.FieldProblemAsync(HttpStatusCode.BadRequest, "/timeLimit")).Message.ShouldContain("at most 1h");
        await accepted.StatusAsync(HttpStatusCode.Accepted);
        using var none = await client.GetAsync("/v1/jobs/long");
        await none.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task More_GPUs_than_a_job_can_use_are_refused()
    {
        using var client = _scheduler.Client("count");
        using var refused = await client.SubmitAsync(Http.Document("gang", gpu: "\"whole\": true, \"count\": 2"));
        using var accepted = await client.SubmitAsync(Http.Document("one", gpu: "\"whole\": true, \"count\": 1"));

        var error = await refused.FieldProblemAsync(HttpStatusCode.BadRequest, "/gpu/count");
        error.Message.ShouldContain("gpu.count must be 1");
        await accepted.StatusAsync(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_document_larger_than_a_body_may_be_is_refused_and_a_blob_of_that_size_is_not()
    {
        using var client = _scheduler.Client("large");
        using var refused = await client.SubmitAsync(Http.Document("j", $"\"comment\": \"{new string('x', 900)}\",") + new string(' ', 4000));
        using var blob = await client.PostAsync("/v1/blobs", new ByteArrayContent(new byte[10_000]));

        (await refused.ProblemAsync(HttpStatusCode.RequestEntityTooLarge)).Type.ShouldBe(ProblemTypes.TooLarge);
        blob.StatusCode.ShouldBe(HttpStatusCode.Created);
    }
}
