using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuActors.Client.Tests;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

public sealed class JobCommandTests : ShellFixture
{
    private static readonly byte[] Content = [0, 255, 13, 10, .. RandomNumberGenerator.GetBytes(5000)];

    private static readonly JobOutput Result = new()
    {
        Name = "result", Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content)), Size = Content.Length,
    };

    private static readonly JobStatus Done = Job("j1", JobState.Completed, Result) with
    {
        StartedAt = DateTimeOffset.UnixEpoch, EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(90), Attempt = 1,
    };

    private static readonly JobStatus Broken = Job("j1", JobState.Failed) with
    {
        Error = new JobError { Kind = "build", Message = "p does not compile", Log = "line 1\nline 2" },
    };

    [Fact]
    public async Task A_document_is_submitted_as_it_is()
    {
        Server.On("POST /v1/jobs", Json(Job("j1", JobState.Queued), 202));
        Shell.Write("job.json", """{ "id": "j1" }""");

        var fromFile = await Shell.RunAsync("job", "submit", "job.json");
        var fromInput = await Shell.RunAsync("""{"id":"j1"}""", ["job", "submit", "-", "--json"]);

        (fromFile.ExitCode, fromFile.Out).ShouldBe((0, "j1 Queued\n"));
        JsonDocument.Parse(fromInput.Out).RootElement.GetProperty("state").GetString().ShouldBe("Queued");
        Server.Received.Select(r => Encoding.UTF8.GetString(r.Body)).ShouldBe(["""{ "id": "j1" }""", """{"id":"j1"}"""]);
    }

    [Fact]
    public async Task A_job_is_explained_for_people_and_for_programs()
    {
        Server.On("GET /v1/jobs/j1/explain", Json(new JobExplanation
        {
            Id = "j1",
            State = JobState.Queued,
            Summary = "No room: 3 GPU(s) in use.",
            Reasons = [new PlacementReason(3, "GPU(s) in use")],
            Help = ["It would fit with 1 GPU(s) instead of 2 GPU(s) (1 GPU(s) less)."],
        }, ApiJsonContext.Default.JobExplanation));
        Server.On("GET /v1/jobs/j2/explain", Json(new JobExplanation
        {
            Id = "j2",
            State = JobState.Running,
            Summary = "It has 1 slice(s) on host a.",
            Choice = new PlacementChoice("best-fit", "a", -0.25, "b", -1.5, 2),
        }, ApiJsonContext.Default.JobExplanation));

        var waiting = await Shell.RunAsync("job", "explain", "j1");
        var running = await Shell.RunAsync("job", "explain", "j2");
        var json = await Shell.RunAsync("job", "explain", "j1", "--json");

        waiting.Out.ShouldContain("Refused by: 3 GPU(s) in use\n");
        waiting.Out.ShouldContain("Would help: It would fit with 1 GPU(s) instead of 2");
        running.Out.ShouldContain("a by best-fit with a score of -0.25; next best: b with -1.5; 2 host(s) had room");
        JsonDocument.Parse(json.Out).RootElement.GetProperty("reasons")[0].GetProperty("count").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task Waiting_shows_what_happens_and_how_it_ended()
    {
        Server.On("POST /v1/jobs", Json(Job("j1", JobState.Queued), 202));
        Server.On("GET /v1/jobs/j1", Json(Done));
        Server.On("GET /v1/jobs/j1/events", Events(
            State(1, JobState.Queued) + State(2, JobState.Running) + Progress(3, 1) + Progress(4, 1) + Progress(5, 9) +
            Event(new JobLogEvent { Text = "hello\nthere", Step = "/steps/0" }, 6) + State(7, JobState.Completed)));

        var result = await Shell.RunAsync("{}", ["job", "submit", "-", "--wait"]);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Lines.Take(6).Select(l => l[(l.IndexOf('Z') + 2)..]).ShouldBe(
            ["Queued", "Running", "steps 1/10", "steps 9/10", "/steps/0: hello | there", "Completed"]);
        result.Out.ShouldContain("State:");
        result.Out.ShouldMatch(@"Ran: +1m30s");
        result.Out.ShouldContain(Result.Sha256);
    }

    [Fact]
    public async Task A_job_that_failed_exits_with_1_and_says_why()
    {
        Server.On("POST /v1/jobs", Json(Broken));
        Server.On("GET /v1/jobs/j1", Json(Broken));
        Server.On("GET /v1/jobs/j1/events", Events(Event(new JobStateEvent { State = JobState.Failed, Error = Broken.Error }, 1)));

        var shown = await Shell.RunAsync("{}", ["job", "submit", "-", "--wait"]);
        var json = await Shell.RunAsync("{}", ["job", "submit", "-", "--wait", "--json"]);
        var waited = await Shell.RunAsync("job", "wait", "j1");

        (shown.ExitCode, json.ExitCode, waited.ExitCode).ShouldBe((1, 1, 1));
        shown.Out.ShouldContain("Failed: p does not compile");
        shown.Out.ShouldMatch(@"Error: +build: p does not compile");
        shown.Out.ShouldMatch(@"Log: +line 1\n +line 2");
        JsonDocument.Parse(json.Out).RootElement.GetProperty("error").GetProperty("kind").GetString().ShouldBe("build");
    }

    [Fact]
    public async Task A_refused_document_exits_with_1_and_lists_its_fields()
    {
        Server.On("POST /v1/jobs", Problem(400, "invalid-document", null,
            new FieldError("/steps/0/kernel", "there is no kernel k"), new FieldError("/gpu", "is missing")));

        var result = await Shell.RunAsync("{}", ["job", "submit", "-"]);

        (result.ExitCode, result.Out).ShouldBe((1, ""));
        result.Error.ShouldContain("/steps/0/kernel: there is no kernel k");
        result.Error.ShouldContain("/gpu: is missing");
    }

    [Fact]
    public async Task A_list_has_one_line_a_job_or_is_json()
    {
        var slices = new[] { new PlacedSlice { Slice = "h/0/s1", Host = "h", Gpu = "h/0" } };
        var jobs = new JobList
        {
            Jobs = [Job("b", JobState.Running) with { Slices = slices, Progress = new JobProgress(3, 10), Attempt = 2 }, Broken],
        };
        Server.On("GET /v1/jobs", Json(jobs, ApiJsonContext.Default.JobList));

        var plain = await Shell.RunAsync("job", "list", "--state", "running");
        var json = await Shell.RunAsync("job", "list", "--json", "--limit", "1");

        plain.Lines.Length.ShouldBe(3);
        plain.Lines[0].ShouldMatch("^ID +TENANT +STATE +QUEUE +CLASS +STEPS +TRY +AGE +WHERE +REASON$");
        plain.Lines[1].ShouldMatch("^b +acme +Running +normal +3/10 +2 +[0-9]+d[0-9]{2}h +h/0/s1$");
        plain.Lines[2].ShouldContain("p does not compile");
        Server.Received[0].PathAndQuery.ShouldBe("/v1/jobs?state=Running&limit=50");
        JsonDocument.Parse(json.Out).RootElement.GetProperty("jobs").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_job_is_shown_and_cancelled_and_its_document_written()
    {
        Server.On("GET /v1/jobs/j1", Json(Done));
        Server.On("POST /v1/jobs/j1/cancel", Json(Job("j1", JobState.Cancelled)));
        Server.On("GET /v1/jobs/j1/document", Bytes("""{"id":"j1","x":"é<"}"""u8.ToArray()));

        (await Shell.RunAsync("job", "show", "j1")).Out.ShouldMatch("^Job: +j1\n");
        JsonDocument.Parse((await Shell.RunAsync("job", "show", "j1", "--json")).Out)
            .RootElement.GetProperty("id").GetString().ShouldBe("j1");
        (await Shell.RunAsync("job", "cancel", "j1")).Out.ShouldBe("j1 Cancelled\n");
        (await Shell.RunAsync("job", "document", "j1")).Out.ShouldContain("\"x\": \"é<\"");
    }

    [Fact]
    public async Task Events_are_lines_or_json_lines()
    {
        Server.On("GET /v1/jobs/j1/events", Events(Progress(3, 1) + State(4, JobState.Completed)));

        var plain = await Shell.RunAsync("job", "events", "j1", "--after", "2");
        var json = await Shell.RunAsync("job", "events", "j1", "--json");

        plain.Lines.ShouldBe(["0001-01-01 00:00:00Z steps 1/10", "0001-01-01 00:00:00Z Completed"]);
        Server.Received[0].Headers["Last-Event-ID"].ToString().ShouldBe("2");
        var first = JsonDocument.Parse(json.Lines[0]).RootElement;
        (first.GetProperty("sequence").GetInt32(), first.GetProperty("event").GetString()).ShouldBe((3, "progress"));
        first.GetProperty("progress").GetProperty("stepsDone").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task An_output_is_written_byte_by_byte()
    {
        Server.On("GET /v1/jobs/j1/outputs", Json(new JobOutputList { Outputs = [Result] }, ApiJsonContext.Default.JobOutputList));
        Server.On("GET /v1/jobs/j1/outputs/result", Ranged(Content));

        var listed = await Shell.RunAsync("job", "output", "j1");
        var piped = await Shell.RunAsync("job", "output", "j1", "result");
        var saved = await Shell.RunAsync("job", "output", "j1", "result", "--to", "r.bin");
        var wrong = await Shell.RunAsync("job", "output", "j1", "resutl");

        listed.Lines[1].ShouldMatch($"^result +4.9 KiB +application/octet-stream +{Result.Sha256}$");
        piped.OutBytes.ShouldBe(Content);
        saved.Out.ShouldBe("r.bin: 4.9 KiB\n");
        (await File.ReadAllBytesAsync(Path.Combine(Shell.Folder, "r.bin"))).ShouldBe(Content);
        wrong.ExitCode.ShouldBe(2);
        wrong.Error.ShouldContain("has no output resutl; it has: result.");
    }

    [Fact]
    public async Task A_damaged_output_leaves_no_file()
    {
        Server.On("GET /v1/jobs/j1/outputs", Json(new JobOutputList { Outputs = [Result] }, ApiJsonContext.Default.JobOutputList));
        Server.On("GET /v1/jobs/j1/outputs/result", Ranged([.. Content.Reverse()]));

        var result = await Shell.RunAsync("job", "output", "j1", "result", "--to", "r.bin");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("instead of " + Result.Sha256);
        Directory.GetFiles(Shell.Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lines_on_standard_input_are_commands()
    {
        Server.On("GET /v1/jobs/j1", Json(Done));

        var result = await Shell.RunAsync("# comment\n\njob show j1 --json\njob shwo j1\nexit\njob show j1\n", []);

        result.ExitCode.ShouldBe(2);
        Server.Received.Count.ShouldBe(1);
        result.Error.ShouldContain("Did you mean 'show'?");
        JsonDocument.Parse(result.Out).RootElement.GetProperty("id").GetString().ShouldBe("j1");
    }
}
