using System.Text.Json;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

/// <summary><c>pbm request</c>, <c>release</c> and <c>session</c>.</summary>
public sealed class RequestCommandTests : ShellFixture, IAsyncLifetime
{
    private readonly StandInGateway _gateway = new();

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Shell.Set("GPUACTORS_ICD", Shell.Write("libgpuactors_icd.so", "no library"));
        Grant("s");
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _gateway.DisposeAsync();
    }

    private string Kept => Path.Combine(Shell.Folder, ".gpuactors", "sessions");

    [Fact]
    public async Task A_request_writes_what_a_shell_needs_and_nobody_holds_it()
    {
        var result = await Shell.RunAsync("request", "--id", "s");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Lines.ShouldBe(
        [
            $"export GPUACTORS_SESSION_FILE='{Kept}/s/grant.json'",
            $"export OCL_ICD_VENDORS='{Kept}/s'",
        ]);
        File.GetUnixFileMode(Path.Combine(Kept, "s", "grant.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        SessionGrant.Parse(await File.ReadAllBytesAsync(Path.Combine(Kept, "s", "grant.json"))).Session.ShouldBe("acme/s");
        JsonDocument.Parse(Server.To("POST /v1/sessions").ShouldHaveSingleItem().Body).RootElement
            .GetProperty("interactive").GetRawText().ShouldBe("""{"lease":null}""");
        _gateway.Heard.ShouldBeEmpty();
        Server.To("DELETE /v1/sessions/s").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_requested_is_released()
    {
        Grant("s-1");
        Grant("s-2");
        var requested = await Shell.RunAsync("request", "--id", "s", "-n", "2", "--json");
        var json = JsonDocument.Parse(requested.Out).RootElement;
        json.GetProperty("sessions").GetRawText().ShouldBe("""["s-1","s-2"]""");
        json.GetProperty("variables").GetProperty("GPUACTORS_SESSION_FILE").GetString().ShouldBe($"{Kept}/s/grant.json");

        var result = await Shell.RunAsync("release", "s");

        result.Lines.ShouldBe(["s-1 Completed", "s-2 Completed"]);
        Directory.GetDirectories(Kept).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_that_was_requested_here_is_released_also_what_is_gone_there()
    {
        Grant("t");
        await Shell.RunAsync("request", "--id", "s");
        await Shell.RunAsync("request", "--id", "t");
        Server.On("DELETE /v1/sessions/s", Problem(404, "not-found"));

        var result = await Shell.RunAsync("release", "--all");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Lines.ShouldBe(["t Completed"]);
        result.Error.ShouldContain("session s is not there any more");
        Directory.GetDirectories(Kept).ShouldBeEmpty();
        (await Shell.RunAsync("release", "--all")).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("release")]
    [InlineData("release", "s", "--all")]
    [InlineData("release", "../s")]
    public async Task A_release_of_nothing_that_there_can_be_is_refused(params string[] command)
    {
        var result = await Shell.RunAsync(command);

        result.ExitCode.ShouldBe(2, result.Error);
        Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sessions_are_listed()
    {
        var list = new SessionList
        {
            Sessions =
            [
                StandInGateway.Status("s1", JobState.Queued, "waits: for its turn") with
                {
                    Queue = "q", Gpu = JsonDocument.Parse("""{"memory":"50%"}""").RootElement,
                },
            ],
        };
        Server.On("GET /v1/sessions", Json(list, ApiJsonContext.Default.SessionList));

        var result = await Shell.RunAsync("session", "list");
        var all = await Shell.RunAsync("session", "list", "--all", "--json");

        result.Out.ShouldMatch(@"(?m)^s1 +acme +Queued +q +\{""memory"":""50%""\} +\S+ +waits: for its turn$");
        all.Out.ShouldContain("\"id\": \"s1\"");
        Server.Received.Select(request => request.PathAndQuery)
            .ShouldBe(["/v1/sessions?limit=50", "/v1/sessions?all=true&limit=50"]);
    }

    [Fact]
    public async Task A_session_that_waits_is_shown_with_what_would_help()
    {
        Server.On("GET /v1/sessions/s", Session(StandInGateway.Status("s", JobState.Queued, "waits: for its turn")));
        Server.On("GET /v1/jobs/s/explain", Json(
            new JobExplanation
            {
                Id = "s", State = JobState.Queued, Summary = "It waits.", Reasons = [new PlacementReason(2, "GPU(s) in use")],
                Help = ["It would fit with less memory."],
            },
            ApiJsonContext.Default.JobExplanation));

        var result = await Shell.RunAsync("session", "show", "s");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Out.ShouldContain("waits: for its turn");
        result.Out.ShouldContain("2 GPU(s) in use");
        result.Out.ShouldContain("It would fit with less memory.");
    }

    [Fact]
    public async Task A_session_that_runs_is_shown_with_what_its_program_waits_for()
    {
        Server.On("GET /v1/usage", Json(
            new SliceUsageList
            {
                Slices =
                [
                    Usage("globex/s", 7, 1), Usage("acme/s", 6, 2), Usage("acme/s", 7, 1203),
                ],
            },
            ApiJsonContext.Default.SliceUsageList));

        var shown = await Shell.RunAsync("session", "show", "s");
        var json = await Shell.RunAsync("session", "show", "s", "--json");

        shown.Out.ShouldMatch(
            @"(?m)^Network: +1203 round trips, 1 MiB there, 2 KiB back; waited 4s: 3s for the device, 1s \(25 %\) for the network$");
        json.Out.ShouldContain("\"networkSeconds\": 1");
    }

    [Fact]
    public async Task A_session_that_runs_is_shown_without_its_ticket_and_killed()
    {
        Server.On("GET /v1/usage", Json(new SliceUsageList(), ApiJsonContext.Default.SliceUsageList));
        var shown = await Shell.RunAsync("session", "show", "s");
        var json = await Shell.RunAsync("session", "show", "s", "--json");
        var killed = await Shell.RunAsync("session", "kill", "s");

        shown.Out.ShouldContain(_gateway.Address);
        json.Out.ShouldContain("\"state\": \"Running\"");
        (shown.Out + json.Out).ShouldNotContain("gat1");
        killed.Out.ShouldBe("s Completed\n");
    }

    private static SliceUsageStatus Usage(string session, long epoch, long roundTrips) => new()
    {
        Slice = "h/0/s0", Session = session, Tenant = session.Split('/')[0], Epoch = epoch,
        Network = new NetworkUsageStatus
        {
            RoundTrips = roundTrips, WaitedSeconds = 4, DeviceSeconds = 3, BytesReceived = 1 << 20, BytesSent = 2 << 10,
        },
    };

    private void Grant(string id)
    {
        Server.On("POST /v1/sessions", StandInGateway.AcceptAsync);
        Server.On($"GET /v1/sessions/{id}", Session(_gateway.Running(id)));
        Server.On($"DELETE /v1/sessions/{id}", Session(StandInGateway.Status(id, JobState.Completed)));
    }

    private static Microsoft.AspNetCore.Http.RequestDelegate Session(SessionStatus status, int code = 200) =>
        Json(status, ApiJsonContext.Default.SessionStatus, code);
}
