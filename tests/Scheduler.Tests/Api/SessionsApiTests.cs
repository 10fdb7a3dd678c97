using System.Net;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class SessionsApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    private const string Whole = """ "gpu": { "whole": true } """;

    [Fact]
    public async Task A_request_gets_an_id_and_waits()
    {
        using var client = scheduler.Client("asks");
        using var response = await client.PostAsync("/v1/sessions", Http.Content($$"""{ {{Whole}}, "labels": { "for": "x" } }"""));
        var status = await StatusAsync(response, HttpStatusCode.Accepted);

        status.Id.ShouldMatch("^s-[0-9a-f]{12}$");
        (status.State, status.Tenant, status.Grant).ShouldBe((JobState.Queued, "asks", null));
        status.Gpu.ShouldNotBeNull().GetRawText().ShouldBe("""{"whole":true}""");
        status.Labels["for"].ShouldBe("x");
        response.Headers.Location.ShouldNotBeNull().ToString().ShouldBe($"/v1/sessions/{status.Id}");
        (await GetAsync(client, status.Id)).CreatedAt.ShouldBe(status.CreatedAt);
    }

    [Fact]
    public async Task The_same_request_again_is_the_same_session_and_another_one_a_conflict()
    {
        using var client = scheduler.Client("again");
        var first = await RequestAsync(client, "s");
        using var same = await client.PostAsync("/v1/sessions", Http.Content($$"""{ "id": "s", "interactive": {}, {{Whole}} }"""));
        using var other = await client.PostAsync("/v1/sessions", Http.Content($$"""{ "id": "s", "priority": 1, {{Whole}} }"""));
        using var job = await client.SubmitAsync(Http.Document("s"));

        (await StatusAsync(same, HttpStatusCode.OK)).CreatedAt.ShouldBe(first.CreatedAt);
        (await other.ProblemAsync(HttpStatusCode.Conflict)).Type.ShouldBe(ProblemTypes.JobExists);
        await job.ProblemAsync(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("\"steps\": []", "/steps")]
    [InlineData("\"retries\": 1", "/retries")]
    [InlineData("\"interactive\": { \"lease\": 1 }", "/interactive/lease")]
    [InlineData("\"timeLimit\": \"8d\"", "/timeLimit")]
    [InlineData("\"tenant\": \"other\"", "/tenant")]
    [InlineData("\"id\": \"a b\"", "/id")]
    public async Task A_request_that_is_wrong_is_refused_at_the_field(string field, string path)
    {
        using var client = scheduler.Client("wrong");
        using var response = await client.PostAsync("/v1/sessions", Http.Content($$"""{ {{field}}, {{Whole}} }"""));
        await response.FieldProblemAsync(HttpStatusCode.BadRequest, path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{ \"gpu\"")]
    [InlineData("{}")]
    [InlineData("{ \"gpu\": { \"whole\": true }, \"gpu\": { \"whole\": true } }")]
    public async Task What_is_no_request_is_refused(string body)
    {
        using var client = scheduler.Client("wrong");
        using var response = await client.PostAsync("/v1/sessions", Http.Content(body));
        await response.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_session_is_not_asked_for_as_a_job()
    {
        using var client = scheduler.Client("route");
        using var response = await client.SubmitAsync($$"""{ "id": "s", "interactive": {}, {{Whole}} }""");
        (await response.FieldProblemAsync(HttpStatusCode.BadRequest, "/interactive")).Message.ShouldContain("/v1/sessions");
    }

    [Fact]
    public async Task Sessions_are_listed_apart_from_jobs_and_only_those_that_are_open()
    {
        using var client = scheduler.Client("lists");
        foreach (var id in new[] { "s0", "s1", "s2", "s3" })
        {
            await RequestAsync(client, id);
        }

        using var job = await client.SubmitAsync(Http.Document("j"));
        using var ended = await client.DeleteAsync("/v1/sessions/s1");
        (await StatusAsync(ended, HttpStatusCode.OK)).State.ShouldBe(JobState.Cancelled);

        Ids(await ListAsync(client, "")).ShouldBe(["s3", "s2", "s0"]);
        Ids(await ListAsync(client, "?all=true")).ShouldBe(["s3", "s2", "s1", "s0"]);
        Ids(await ListAsync(client, "?state=cancelled")).ShouldBe(["s1"]);
        var page = await ListAsync(client, "?limit=2");
        Ids(page).ShouldBe(["s3", "s2"]);
        Ids(await ListAsync(client, $"?limit=2&after={Uri.EscapeDataString(page.Next!)}")).ShouldBe(["s0"]);
        using var jobs = await client.GetAsync("/v1/jobs");
        (await jobs.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.JobList)).Jobs.ShouldHaveSingleItem().Id.ShouldBe("j");
        using var wrong = await client.GetAsync("/v1/sessions?all=maybe");
        await wrong.FieldProblemAsync(HttpStatusCode.BadRequest, "?all");
    }

    [Fact]
    public async Task A_session_is_ended_once_and_stays_as_it_ended()
    {
        using var client = scheduler.Client("ends");
        await RequestAsync(client, "s");
        using var first = await client.DeleteAsync("/v1/sessions/s");
        using var second = await client.DeleteAsync("/v1/sessions/s");

        var ended = await StatusAsync(first, HttpStatusCode.OK);
        ended.Reason.ShouldBe("Released by tenant of tenant ends.");
        (await StatusAsync(second, HttpStatusCode.OK)).EndedAt.ShouldBe(ended.EndedAt);
        using var none = await client.DeleteAsync("/v1/sessions/none");
        await none.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Jobs_and_other_tenants_sessions_are_not_found()
    {
        using var client = scheduler.Client("mine");
        using var stranger = scheduler.Client("strange");
        using var job = await client.SubmitAsync(Http.Document("j"));
        await RequestAsync(client, "s");

        using var noJob = await client.GetAsync("/v1/sessions/j");
        using var noSession = await stranger.GetAsync("/v1/sessions/s");
        using var named = await stranger.GetAsync("/v1/sessions/s?tenant=mine");
        await noJob.ProblemAsync(HttpStatusCode.NotFound);
        await noSession.ProblemAsync(HttpStatusCode.NotFound);
        await named.ProblemAsync(HttpStatusCode.Forbidden);
        using var operators = scheduler.Client("root", TicketRole.Operator);
        using var seen = await operators.GetAsync("/v1/sessions/s?tenant=mine");
        (await StatusAsync(seen, HttpStatusCode.OK)).Tenant.ShouldBe("mine");
    }

    [Fact]
    public async Task Who_waits_is_answered_when_there_is_news()
    {
        using var client = scheduler.Client("news");
        await RequestAsync(client, "s");
        using var same = await client.GetAsync("/v1/sessions/s?wait=100ms&after=Queued");
        (await StatusAsync(same, HttpStatusCode.OK)).State.ShouldBe(JobState.Queued);
        using var other = await client.GetAsync("/v1/sessions/s?wait=30s&after=Running");
        (await StatusAsync(other, HttpStatusCode.OK)).State.ShouldBe(JobState.Queued);
        using var wrong = await client.GetAsync("/v1/sessions/s?wait=30s&after=Rumming");
        await wrong.FieldProblemAsync(HttpStatusCode.BadRequest, "?after");
    }

    [Fact]
    public async Task A_session_that_runs_has_a_grant_for_its_tenant_whose_ticket_is_for_it_alone()
    {
        await using var own = await OwnScheduler.StartAsync();
        using var client = own.Scheduler.Client("acme");
        await RequestAsync(client, "s", "\"timeLimit\": \"2h\",");

        var running = await UntilRunningAsync(client, "s");
        var grant = running.Grant.ShouldNotBeNull();
        grant.Session.ShouldBe("acme/s");
        grant.Epoch.ShouldBe(running.Epoch);
        var device = grant.Devices.ShouldHaveSingleItem();
        device.ShouldBe(new GrantedDevice
        {
            Slice = running.Slices.ShouldHaveSingleItem().Slice, Address = "127.0.0.1:9", Machine = "machine-1",
        });
        var authority = new TicketAuthority(ClusterSecret.FromText(SchedulerFixture.Secret), TimeProvider.System);
        var ticket = authority.Verify(grant.Ticket).Ticket.ShouldNotBeNull();
        (ticket.Role, ticket.Tenant, ticket.Scope).ShouldBe((TicketRole.Session, "acme", $"acme/s@{grant.Epoch}"));
        ticket.ExpiresAt.ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(118), DateTimeOffset.UtcNow.AddMinutes(121));

        Ids(await ListAsync(client, "")).ShouldBe(["s"]);
        (await ListAsync(client, "")).Sessions[0].Grant.ShouldBeNull();
        using var withTicket = own.Scheduler.Bearer(grant.Ticket);
        using var forbidden = await withTicket.GetAsync("/v1/sessions/s");
        await forbidden.ProblemAsync(HttpStatusCode.Forbidden);
        using var explained = await client.GetAsync("/v1/jobs/s/explain");
        (await explained.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.JobExplanation)).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task A_session_that_waits_is_explained()
    {
        using var client = scheduler.Client("why");
        await RequestAsync(client, "s");
        using var explained = await client.GetAsync("/v1/jobs/s/explain");
        var why = await explained.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.JobExplanation);
        why.State.ShouldBe(JobState.Queued);
        why.Summary.ShouldNotBeNullOrEmpty();
    }

    private static async Task<SessionStatus> UntilRunningAsync(HttpClient client, string id)
    {
        var deadline = DateTime.UtcNow.AddMinutes(1);
        var status = await GetAsync(client, id);
        while (status.State != JobState.Running)
        {
            DateTime.UtcNow.ShouldBeLessThan(deadline, $"session {id} does not run: {status}");
            status = await GetAsync(client, id, $"?wait=10s&after={status.State}");
        }

        return status;
    }

    private static async Task<SessionStatus> RequestAsync(HttpClient client, string id, string more = "")
    {
        using var response = await client.PostAsync(
            "/v1/sessions", Http.Content($$"""{ "id": "{{id}}", {{more}} {{Whole}} }"""));
        return await StatusAsync(response, HttpStatusCode.Accepted);
    }

    private static async Task<SessionStatus> GetAsync(HttpClient client, string id, string query = "")
    {
        using var response = await client.GetAsync($"/v1/sessions/{id}{query}");
        return await StatusAsync(response, HttpStatusCode.OK);
    }

    private static async Task<SessionList> ListAsync(HttpClient client, string query)
    {
        using var response = await client.GetAsync("/v1/sessions" + query);
        return await response.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.SessionList);
    }

    private static Task<SessionStatus> StatusAsync(HttpResponseMessage response, HttpStatusCode status) =>
        response.ReadAsync(status, ApiJsonContext.Default.SessionStatus);

    private static IEnumerable<string> Ids(SessionList list) => list.Sessions.Select(session => session.Id);

    /// <summary>A scheduler with one host, for tests in which sessions run.</summary>
    private sealed class OwnScheduler : IAsyncDisposable
    {
        private ReportingHost _host = null!;

        public SchedulerFixture Scheduler { get; private set; } = null!;

        public static async Task<OwnScheduler> StartAsync()
        {
            var own = new OwnScheduler { Scheduler = await SchedulerFixture.StartAsync() };
            own._host = await ReportingHost.StartAsync("h", own.Scheduler.RemotingAddress, SchedulerFixture.Secret);
            return own;
        }

        public async ValueTask DisposeAsync()
        {
            await _host.DisposeAsync();
            await Scheduler.DisposeAsync();
        }
    }
}
