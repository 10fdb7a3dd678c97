using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Client.Tests;

public sealed class RetryTests : ClientFixture
{
    private const string Submit = "POST /v1/jobs";
    private const string Get = "GET /v1/jobs/j1";

    private static readonly byte[] Document = Encoding.UTF8.GetBytes("""{"id":"j1"}""");
    private static readonly JobStatus Queued = Job("j1", JobState.Queued);

    [Fact]
    public async Task A_submission_is_sent_again_with_the_same_id_until_it_is_answered()
    {
        Server.On(Submit, Drop(), Problem(503, "unavailable"), Truncated(new byte[100], 10, 202), Json(Queued, 202));

        var status = await Client.Jobs.SubmitAsync(Document);

        status.State.ShouldBe(JobState.Queued);
        Server.To(Submit).Select(r => Encoding.UTF8.GetString(r.Body)).ShouldBe(Enumerable.Repeat("""{"id":"j1"}""", 4));
        Server.To(Submit)[0].Headers.ContentType.ToString().ShouldBe("application/json");
        Server.To(Submit)[0].Headers.Authorization.ToString().ShouldBe("Bearer gat1.test.ticket");
    }

    [Fact]
    public async Task Another_server_is_asked_at_once_and_then_kept()
    {
        await using var other = await ScriptedServer.StartAsync();
        other.On(Get, Json(Queued));
        Server.On(Get, Problem(503, "unavailable", "3600"));
        var time = new ImpatientTime(TimeSpan.FromSeconds(20));
        using var client = new GpuActorsClient(Options(Server.Address, other.Address) with { Time = time });

        await client.Jobs.GetAsync("j1");
        await client.Jobs.GetAsync("j1");

        Server.Received.Count.ShouldBe(1);
        other.Received.Count.ShouldBe(2);
        time.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_passed_over()
    {
        Server.On(Get, Json(Queued));
        using var client = new GpuActorsClient(Options(ClosedPort(), Server.Address));

        (await client.Jobs.GetAsync("j1")).Id.ShouldBe("j1");
    }

    [Fact]
    public async Task Retry_after_is_heeded_up_to_a_minute()
    {
        Server.On(Get, Problem(429, "too-many", "7"), Problem(503, "unavailable", "900"), Json(Queued));
        var time = new ImpatientTime(TimeSpan.FromMinutes(5));
        using var client = new GpuActorsClient(Options(Server.Address) with { Time = time, RequestTimeout = TimeSpan.FromHours(1) });

        await client.Jobs.GetAsync("j1");

        time.Waits.ShouldBe([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(60)]);
    }

    [Fact]
    public async Task Waits_double_up_to_the_longest_and_are_jittered()
    {
        Server.On(Get, Drop());
        var time = new ImpatientTime(TimeSpan.FromMinutes(5));
        using var client = new GpuActorsClient(Options(Server.Address) with
        {
            Time = time,
            RequestTimeout = TimeSpan.FromHours(1),
            RetryDelayMin = TimeSpan.FromSeconds(1),
            RetryDelayMax = TimeSpan.FromSeconds(4),
            Attempts = 6,
        });

        await Should.ThrowAsync<ServersUnavailableException>(() => client.Jobs.GetAsync("j1"));

        var seconds = time.Waits.Select(w => w.TotalSeconds).ToList();
        double[] longest = [1, 2, 4, 4, 4];
        seconds.Count.ShouldBe(longest.Length);
        seconds.Zip(longest).ShouldAllBe(pair => pair.First >= pair.Second / 2 && pair.First <= pair.Second);
    }

    [Fact]
    public async Task Too_many_requests_are_no_reason_to_ask_another_server()
    {
        await using var other = await ScriptedServer.StartAsync();
        Server.On(Get, Problem(429, "too-many"), Json(Queued));
        using var client = new GpuActorsClient(Options(Server.Address, other.Address));

        await client.Jobs.GetAsync("j1");

        other.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_nobody_answers_the_error_names_the_request_and_the_server()
    {
        var address = ClosedPort();
        using var client = new GpuActorsClient(Options(address));

        var error = await Should.ThrowAsync<ServersUnavailableException>(() => client.Jobs.GetAsync("j1"));

        error.Message.ShouldContain("GET /v1/jobs/j1");
        error.Message.ShouldContain(address.ToString());
        error.Message.ShouldContain("after 4 attempts");
    }

    [Fact]
    public async Task A_server_that_stays_unavailable_is_quoted_in_the_end()
    {
        Server.On(Get, Problem(503, "unavailable"));

        var error = await Should.ThrowAsync<ApiException>(() => Client.Jobs.GetAsync("j1"));

        error.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Server.Received.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_wrong_request_is_not_repeated_and_its_fields_are_named()
    {
        Server.On(Submit, Problem(400, "invalid-document", null, new FieldError("/steps/0/kernel", "there is no such kernel")));

        var error = await Should.ThrowAsync<ApiException>(() => Client.Jobs.SubmitAsync(Document));

        error.Problem.Type.ShouldBe(ProblemTypes.InvalidDocument);
        error.Message.ShouldContain("/steps/0/kernel: there is no such kernel");
        Server.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_waited_for_only_so_long()
    {
        Server.On(Get, Silence(), Json(Queued));
        using var client = new GpuActorsClient(Options(Server.Address) with { RequestTimeout = TimeSpan.FromMilliseconds(300) });

        (await client.Jobs.GetAsync("j1")).Id.ShouldBe("j1");
    }

    [Fact]
    public async Task The_callers_cancellation_ends_the_request_without_another_try()
    {
        Server.On(Get, Silence());
        using var cancel = new CancellationTokenSource();
        var asking = Client.Jobs.GetAsync("j1", cancel.Token);

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        Server.Received.Count.ShouldBeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task An_answer_of_something_else_than_a_scheduler_is_an_error(string body)
    {
        Server.On(Get, Bytes(Encoding.UTF8.GetBytes(body)));

        (await Should.ThrowAsync<UnexpectedAnswerException>(() => Client.Jobs.GetAsync("j1")))
            .Message.ShouldContain("is it a GpuActors scheduler");
    }

    [Fact]
    public async Task An_error_of_a_proxy_is_reported_by_its_status()
    {
        Server.On(Get, Bytes("<html>"u8.ToArray(), 403, "text/html"));

        (await Should.ThrowAsync<ApiException>(() => Client.Jobs.GetAsync("j1"))).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_operator_names_the_tenant_in_every_request()
    {
        Server.On(Get, Json(Queued));
        using var client = new GpuActorsClient(Options(Server.Address) with { Tenant = "a&b" });

        await client.Jobs.GetAsync("j1");

        Server.Received.Single().PathAndQuery.ShouldBe("/v1/jobs/j1?tenant=a%26b");
    }

    [Fact]
    public void Wrong_options_are_refused()
    {
        Should.Throw<ArgumentException>(() => new GpuActorsClient(Options()));
        Should.Throw<ArgumentException>(() => new GpuActorsClient(Options(new Uri("ftp://x"))));
        Should.Throw<ArgumentException>(() => new GpuActorsClient(Options(new Uri("/x", UriKind.Relative))));
        Should.Throw<ArgumentException>(() => new GpuActorsClient(Options(new Uri("http://x")) with { Ticket = " " }));
        Should.Throw<ArgumentException>(() => new GpuActorsClient(Options(new Uri("http://x")) with { Attempts = 0 }));
    }

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
