using System.Net;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>Whatever is wrong with a request, the answer is a problem document that says what.</summary>
public sealed class RefusalsApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    [Theory]
    [InlineData("/v1/nothing")]
    [InlineData("/")]
    [InlineData("/v1/jobs/j/nothing")]
    [InlineData("/v1/hosts/nobody")]
    [InlineData("/v1/jobs/nobody")]
    [InlineData("/v1/jobs/a%20b")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var client = scheduler.Client("unknown");
        using var response = await client.GetAsync(path);
        (await response.ProblemAsync(HttpStatusCode.NotFound)).Type.ShouldBe(ProblemTypes.NotFound);
    }

    [Theory]
    [InlineData("DELETE", "/v1/jobs")]
    [InlineData("PUT", "/v1/jobs/j")]
    [InlineData("GET", "/v1/jobs/j/cancel")]
    [InlineData("POST", "/v1/hosts")]
    public async Task A_wrong_method_is_told_which_are_allowed(string method, string path)
    {
        using var client = scheduler.Client("method");
        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await response.ProblemAsync(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task A_document_of_a_wrong_type_is_refused(string type)
    {
        using var client = scheduler.Client("type");
        using var response = await client.PostAsync("/v1/jobs", Http.Content(Http.Document("j"), type));
        await response.ProblemAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("{", "")]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("""{"id":"a","gpu":{"whole":true},"steps":7}""", "/steps")]
    [InlineData("""{"id":"a","gpu":{"whole":true},"steps":[],"colour":1}""", "/colour")]
    [InlineData("""{"id":"a/b","gpu":{"whole":true},"steps":[]}""", "/id")]
    [InlineData("""{"gpu":{"whole":true},"steps":[{"release":"x"}]}""", "")]
    public async Task A_wrong_document_is_refused_with_the_field(string body, string path)
    {
        using var client = scheduler.Client("document");
        using var response = await client.SubmitAsync(body);
        await response.FieldProblemAsync(HttpStatusCode.BadRequest, path);
        (await client.GetStringAsync("/v1/jobs")).ShouldNotContain("\"id\"");
    }

    [Fact]
    public async Task A_document_beyond_four_mebibytes_is_refused()
    {
        using var client = scheduler.Client("huge");
        using var response = await client.SubmitAsync(Http.Document("j") + new string(' ', 4 << 20));
        (await response.ProblemAsync(HttpStatusCode.RequestEntityTooLarge)).Type.ShouldBe(ProblemTypes.TooLarge);
    }

    [Theory]
    [InlineData("/v1/jobs?limit=0", "?limit")]
    [InlineData("/v1/jobs?limit=many", "?limit")]
    [InlineData("/v1/jobs?state=Asleep", "?state")]
    [InlineData("/v1/jobs?state=3", "?state")]
    [InlineData("/v1/jobs?after=x", "?after")]
    [InlineData("/v1/jobs/j?wait=soon", "?wait")]
    [InlineData("/v1/jobs/j?wait=-1s", "?wait")]
    [InlineData("/v1/jobs?tenant=%2e%2e", "?tenant")]
    [InlineData("/v1/blobs/xyz", "sha256")]
    public async Task A_wrong_parameter_is_named(string path, string name)
    {
        using var client = scheduler.Client("query");
        using var response = await client.GetAsync(path);
        await response.FieldProblemAsync(HttpStatusCode.BadRequest, name);
    }

    [Fact]
    public async Task Without_a_valid_ticket_nothing_is_told()
    {
        var expired = new TicketAuthority(ClusterSecret.FromText("correct horse battery staple 1"), new Yesterday())
            .Issue("test", "t", TicketRole.Operator, TimeSpan.FromHours(1));
        var foreign = SchedulerFixture.Ticket("t", TicketRole.Operator, "another cluster's secret 1234");
        var right = SchedulerFixture.Ticket("t");
        var changed = right[..^1] + (right[^1] == 'A' ? 'B' : 'A');
        foreach (var (ticket, reason) in new[]
        {
            (null, "Authorization: Bearer"), ("nonsense", "not a ticket"), (expired, "expired"),
            (foreign, "another secret"), (changed, "changed"),
        })
        {
            using var client = scheduler.Bearer(ticket);
            foreach (var path in new[] { "/v1/jobs", "/v1/jobs/j", "/v1/hosts", "/v1/nothing" })
            {
                using var response = await client.GetAsync(path);
                var problem = await response.ProblemAsync(HttpStatusCode.Unauthorized);
                problem.Detail.ShouldNotBeNull().ShouldContain(reason);
                response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
            }
        }
    }

    [Fact]
    public async Task Tickets_of_workers_and_sessions_open_what_they_are_for_only()
    {
        using var worker = scheduler.Client("-", TicketRole.Worker);
        using var session = scheduler.Client("t", TicketRole.Session);
        foreach (var path in new[] { "/v1/jobs", "/v1/jobs/j", "/v1/hosts", "/v1/status" })
        {
            using var asWorker = await worker.GetAsync(path);
            await asWorker.ProblemAsync(HttpStatusCode.Forbidden);
            using var asSession = await session.GetAsync(path);
            await asSession.ProblemAsync(HttpStatusCode.Forbidden);
        }

        using var submit = await worker.SubmitAsync(Http.Document("j"));
        await submit.ProblemAsync(HttpStatusCode.Forbidden);
        using var blob = await session.GetAsync($"/v1/blobs/{new string('0', 64)}");
        await blob.ProblemAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_ticket_for_a_tenant_that_is_no_name_opens_nothing()
    {
        using var client = scheduler.Client("../up");
        using var response = await client.PostAsync("/v1/blobs", new ByteArrayContent(new byte[300_000]));
        (await response.ProblemAsync(HttpStatusCode.Unauthorized)).Detail.ShouldNotBeNull().ShouldContain("tenant");
    }

    private sealed class Yesterday : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - TimeSpan.FromDays(1);
    }
}
