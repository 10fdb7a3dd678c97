using System.Net;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class JobsApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    [Fact]
    public async Task A_submission_is_answered_with_the_place_of_the_job()
    {
        using var client = scheduler.Client("submit");
        using var response = await client.SubmitAsync(Http.Document("j1", "\"priority\": 7, \"labels\": {\"for\": \"x\"},"));
        var status = await response.StatusAsync(HttpStatusCode.Accepted);

        status.State.ShouldBe(JobState.Queued);
        status.Tenant.ShouldBe("submit");
        status.Priority.ShouldBe(7);
        status.Labels["for"].ShouldBe("x");
        response.Headers.Location.ShouldNotBeNull().ToString().ShouldBe("/v1/jobs/j1");
        using var found = await client.GetAsync(response.Headers.Location);
        (await found.StatusAsync(HttpStatusCode.OK)).SubmittedAt.ShouldBe(status.SubmittedAt);
        (await client.GetStringAsync("/v1/jobs/j1/document")).ShouldContain("kernel void k");
    }

    [Fact]
    public async Task The_same_document_again_is_the_same_job_and_another_one_a_conflict()
    {
        using var client = scheduler.Client("again");
        using var first = await client.SubmitAsync(Http.Document("j"));
        using var same = await client.SubmitAsync(Http.Document("j").Replace("\n", "\n\n  "));
        using var other = await client.SubmitAsync(Http.Document("j", "\"priority\": 1,"));

        var accepted = await first.StatusAsync(HttpStatusCode.Accepted);
        (await same.StatusAsync(HttpStatusCode.OK)).SubmittedAt.ShouldBe(accepted.SubmittedAt);
        same.Headers.Location.ShouldBe(first.Headers.Location);
        (await other.ProblemAsync(HttpStatusCode.Conflict)).Type.ShouldBe(ProblemTypes.JobExists);
        using var stayed = await client.GetAsync("/v1/jobs/j");
        (await stayed.StatusAsync(HttpStatusCode.OK)).Priority.ShouldBe(0);
    }

    [Fact]
    public async Task A_submission_that_many_send_at_once_is_accepted_once()
    {
        using var client = scheduler.Client("race");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.SubmitAsync(Http.Document("j"))));

        answers.Count(a => a.StatusCode == HttpStatusCode.Accepted).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(19);
        (await ListAsync(client, "")).Jobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_in_pages()
    {
        using var client = scheduler.Client("pages");
        for (var i = 0; i < 5; i++)
        {
            using var _ = await client.SubmitAsync(Http.Document($"j{i}"));
        }

        var ids = new List<string>();
        var pages = 0;
        string? next = null;
        do
        {
            var page = await ListAsync(client, "?limit=2" + (next is null ? "" : $"&after={Uri.EscapeDataString(next)}"));
            ids.AddRange(page.Jobs.Select(job => job.Id));
            (next, pages) = (page.Next, pages + 1);
        }
        while (next is not null && pages < 10);

        ids.ShouldBe(["j4", "j3", "j2", "j1", "j0"]);
        pages.ShouldBe(3);
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once_and_listed_by_its_state()
    {
        using var client = scheduler.Client("cancel");
        using var _ = await client.SubmitAsync(Http.Document("gone"));
        using var __ = await client.SubmitAsync(Http.Document("stays"));
        using var cancel = await client.PostAsync("/v1/jobs/gone/cancel", null);
        using var again = await client.PostAsync("/v1/jobs/gone/cancel", null);
        using var ended = await client.GetAsync("/v1/jobs/gone?wait=30s");

        (await cancel.StatusAsync(HttpStatusCode.OK)).State.ShouldBe(JobState.Cancelled);
        (await again.StatusAsync(HttpStatusCode.OK)).State.ShouldBe(JobState.Cancelled);
        var status = await ended.StatusAsync(HttpStatusCode.OK);
        status.Reason.ShouldNotBeNull().ShouldContain("tenant cancel");
        status.EndedAt.ShouldNotBeNull();
        (await ListAsync(client, "?state=Cancelled")).Jobs.ShouldHaveSingleItem().Id.ShouldBe("gone");
        (await ListAsync(client, "?state=queued")).Jobs.ShouldHaveSingleItem().Id.ShouldBe("stays");
    }

    [Fact]
    public async Task Waiting_for_a_job_ends_when_the_job_does_or_when_the_time_is_over()
    {
        using var client = scheduler.Client("wait");
        using var _ = await client.SubmitAsync(Http.Document("j"));
        using var early = await client.GetAsync("/v1/jobs/j?wait=10ms");
        (await early.StatusAsync(HttpStatusCode.OK)).State.ShouldBe(JobState.Queued);

        var waiting = client.GetAsync("/v1/jobs/j?wait=60s");
        using var cancel = await client.PostAsync("/v1/jobs/j/cancel", null);
        using var late = await waiting;
        (await late.StatusAsync(HttpStatusCode.OK)).State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task An_operator_acts_for_any_tenant_and_is_told_where_the_job_is()
    {
        using var client = scheduler.Client("op", TicketRole.Operator);
        using var response = await client.SubmitAsync(Http.Document("j", "\"tenant\": \"served\","));
        (await response.StatusAsync(HttpStatusCode.Accepted)).Tenant.ShouldBe("served");

        using var found = await client.GetAsync(response.Headers.Location);
        (await found.StatusAsync(HttpStatusCode.OK)).Tenant.ShouldBe("served");
        using var tenant = scheduler.Client("served");
        (await ListAsync(tenant, "")).Jobs.ShouldHaveSingleItem().Id.ShouldBe("j");
        (await ListAsync(client, "")).Jobs.ShouldContain(job => job.Tenant == "served");
        (await ListAsync(client, "?tenant=op")).Jobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tenant_sees_and_ends_no_job_of_another()
    {
        using var owner = scheduler.Client("owner");
        using var other = scheduler.Client("other");
        using var _ = await owner.SubmitAsync(Http.Document("j"));

        foreach (var path in new[] { "", "/document", "/outputs", "/outputs/x", "/events" })
        {
            using var response = await other.GetAsync("/v1/jobs/j" + path);
            (await response.ProblemAsync(HttpStatusCode.NotFound)).Detail.ShouldNotBeNull().ShouldContain("'j'", customMessage: path);
        }

        using var named = await other.GetAsync("/v1/jobs/j?tenant=owner");
        await named.ProblemAsync(HttpStatusCode.Forbidden);
        using var cancel = await other.PostAsync("/v1/jobs/j/cancel", null);
        await cancel.ProblemAsync(HttpStatusCode.NotFound);
        (await ListAsync(other, "")).Jobs.ShouldBeEmpty();
        using var foreign = await other.SubmitAsync(Http.Document("k", "\"tenant\": \"owner\","));
        (await foreign.FieldProblemAsync(HttpStatusCode.BadRequest, "/tenant")).Message.ShouldContain("'other'");
    }

    [Fact]
    public async Task Accepted_jobs_are_there_after_a_restart()
    {
        var own = await SchedulerFixture.StartAsync();
        try
        {
            using (var before = own.Client("t"))
            {
                using var one = await before.SubmitAsync(Http.Document("kept"));
                using var two = await before.SubmitAsync(Http.Document("ended"));
                using var cancel = await before.PostAsync("/v1/jobs/ended/cancel", null);
            }

            await own.RestartAsync();
            using var client = own.Client("t");
            using var kept = await client.GetAsync("/v1/jobs/kept");
            using var ended = await client.GetAsync("/v1/jobs/ended");
            (await kept.StatusAsync(HttpStatusCode.OK)).State.ShouldBe(JobState.Queued);
            (await ended.StatusAsync(HttpStatusCode.OK)).State.ShouldBe(JobState.Cancelled);
            using var again = await client.SubmitAsync(Http.Document("kept"));
            await again.StatusAsync(HttpStatusCode.OK);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static async Task<JobList> ListAsync(HttpClient client, string query)
    {
        using var response = await client.GetAsync("/v1/jobs" + query);
        return await response.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.JobList);
    }
}
