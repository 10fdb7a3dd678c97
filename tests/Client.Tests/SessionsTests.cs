using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Client.Tests;

public sealed class SessionsTests : ClientFixture
{
    private static readonly SessionGrant Grant = new()
    {
        Session = "acme/s", Epoch = 1, Ticket = "gat1.x.y",
        Devices = [new GrantedDevice { Slice = "h/0/s0", Address = "h:1" }],
    };

    private static JobDocument Request => new()
    {
        Id = "s", Gpu = new GpuRequest { MemoryPercent = 50 }, Steps = [],
    };

    [Fact]
    public async Task A_request_is_sent_with_the_usual_terms_until_it_is_answered()
    {
        Server.On("POST /v1/sessions", Drop(), Session(Status(JobState.Queued), 202));

        (await Client.Sessions.RequestAsync(Request)).State.ShouldBe(JobState.Queued);

        Server.Received.Count.ShouldBe(2);
        JsonDocument.Parse(Server.Received[1].Body).RootElement.GetRawText()
            .ShouldBe("""{"id":"s","gpu":{"memory":"50%"},"interactive":{}}""");
    }

    [Fact]
    public async Task A_request_that_is_answered_by_a_grant_needs_no_further_question()
    {
        Server.On("POST /v1/sessions", Session(Status(JobState.Running) with { Grant = Grant }, 202));

        var requested = await Client.Sessions.RequestAsync(Request, TimeSpan.FromSeconds(2));
        var running = await Client.Sessions.WaitUntilRunningAsync(requested);

        running.Grant.ShouldNotBeNull();
        Server.Received.ShouldHaveSingleItem().PathAndQuery.ShouldBe("/v1/sessions?wait=2000ms");
    }

    [Fact]
    public async Task Waiting_tells_each_reason_and_ends_with_the_grant()
    {
        Server.On(
            "GET /v1/sessions/s",
            Session(Status(JobState.Queued, "waits: a")),
            Session(Status(JobState.Queued, "waits: b")),
            Session(Status(JobState.Placed)),
            Session(Status(JobState.Running) with { Grant = Grant }));
        var heard = new List<string?>();

        var running = await Client.Sessions.WaitUntilRunningAsync("s", status => heard.Add(status.Reason));

        running.Grant.ShouldNotBeNull().Ticket.ShouldBe("gat1.x.y");
        heard.ShouldBe(["waits: a", "waits: b", null]);
        Server.Received.Select(request => request.PathAndQuery).ShouldBe(
        [
            "/v1/sessions/s", "/v1/sessions/s?wait=5000ms&after=Queued", "/v1/sessions/s?wait=5000ms&after=Queued",
            "/v1/sessions/s?wait=5000ms&after=Placed",
        ]);
    }

    [Fact]
    public async Task A_session_that_ends_instead_is_an_error_that_says_why()
    {
        Server.On("GET /v1/sessions/s", Session(Status(JobState.Cancelled, "Its client has gone.")));

        var ended = await Should.ThrowAsync<SessionEndedException>(() => Client.Sessions.WaitUntilRunningAsync("s"));

        ended.Status.State.ShouldBe(JobState.Cancelled);
        ended.Message.ShouldBe("Session s is Cancelled: Its client has gone.");
    }

    [Fact]
    public async Task Sessions_are_listed_page_after_page_and_ended()
    {
        Server.On(
            "GET /v1/sessions",
            Json(new SessionList { Sessions = [Status(JobState.Queued)], Next = "1:s" }, ApiJsonContext.Default.SessionList),
            Json(new SessionList { Sessions = [Status(JobState.Running)] }, ApiJsonContext.Default.SessionList));
        Server.On("DELETE /v1/sessions/s", Session(Status(JobState.Completed)));

        var states = new List<JobState>();
        await foreach (var session in Client.Sessions.ListAllAsync(new SessionQuery { All = true, Limit = 1 }))
        {
            states.Add(session.State);
        }

        states.ShouldBe([JobState.Queued, JobState.Running]);
        Server.Received[1].PathAndQuery.ShouldBe("/v1/sessions?all=true&limit=1&after=1%3As");
        (await Client.Sessions.EndAsync("s")).State.ShouldBe(JobState.Completed);
        await Should.ThrowAsync<ArgumentException>(() => Client.Sessions.GetAsync("../s"));
    }

    [Fact]
    public void Ids_are_new_each_time()
    {
        SessionsClient.NewId().ShouldMatch("^s-[0-9a-f]{12}$");
        SessionsClient.NewId().ShouldNotBe(SessionsClient.NewId());
    }

    private static SessionStatus Status(JobState state, string? reason = null) =>
        new() { Id = "s", Tenant = "acme", State = state, Reason = reason, CreatedAt = DateTimeOffset.UnixEpoch };

    private static Microsoft.AspNetCore.Http.RequestDelegate Session(SessionStatus status, int code = 200) =>
        Json(status, ApiJsonContext.Default.SessionStatus, code);
}
