using System.Security.Cryptography;
using System.Text;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using static GpuActors.Client.Tests.Answers;
using JobOutput = GpuActors.Shared.Api.JobOutput;

namespace GpuActors.Client.Tests;

public sealed class JobsTests : ClientFixture
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(100_000);
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));
    private static readonly JobOutput Result = new() { Name = "result", Sha256 = Hash, Size = Content.Length };

    private static JobDocument Document => JobDocument.Parse(Encoding.UTF8.GetBytes("""
        {
          "id": "j1",
          "gpu": { "memory": "64MiB" },
          "programs": { "p": { "source": "kernel void k(global float* x) {}" } },
          "buffers": { "x": { "size": 1024 } },
          "steps": [ { "launch": { "kernel": "k", "global": 1, "args": ["x"] } } ]
        }
        """)) is { Document: { } document } ? document : throw new InvalidOperationException("The document is wrong.");

    [Fact]
    public async Task Waiting_asks_again_until_the_job_has_ended()
    {
        Server.On("GET /v1/jobs/j1", Json(Job("j1", JobState.Queued)), Drop(), Json(Job("j1", JobState.Running)),
            Json(Job("j1", JobState.Completed)));

        var status = await Client.Jobs.WaitAsync("j1");

        status.State.ShouldBe(JobState.Completed);
        Server.Received.Count.ShouldBe(4);
        Server.Received[0].PathAndQuery.ShouldBe("/v1/jobs/j1?wait=30000ms");
    }

    [Fact]
    public async Task A_server_that_answers_at_once_is_asked_ever_more_slowly()
    {
        var time = new ImpatientTime(TimeSpan.FromSeconds(20));
        Server.On("GET /v1/jobs/j1", [.. Enumerable.Repeat(Json(Job("j1", JobState.Running)), 5), Json(Job("j1", JobState.Failed))]);
        using var client = new GpuActorsClient(Options(Server.Address) with
        {
            Time = time, RetryDelayMin = TimeSpan.FromSeconds(1), RetryDelayMax = TimeSpan.FromSeconds(16),
        });

        await client.Jobs.WaitAsync("j1");

        double[] longest = [1, 2, 4, 8, 16];
        time.Waits.Select(w => w.TotalSeconds).Zip(longest).Count(p => p.First >= p.Second / 2).ShouldBe(5);
    }

    [Fact]
    public async Task A_job_is_run_to_its_result()
    {
        Server.On("POST /v1/jobs", Json(Job("j1", JobState.Queued), 202));
        Server.On("GET /v1/jobs/j1", Json(Job("j1", JobState.Completed, Result)));
        Server.On("GET /v1/jobs/j1/outputs/result", Ranged(Content));

        var status = await Client.Jobs.RunAsync(Document);

        JobDocument.Parse(Server.To("POST /v1/jobs").Single().Body).Document!.ContentHash.ShouldBe(Document.ContentHash);
        (await Client.Jobs.ReadOutputAsync(status, "result")).ShouldBe(Content);
    }

    [Fact]
    public async Task A_job_that_fails_is_an_error_that_says_why()
    {
        var failed = Job("j1", JobState.Failed) with { Error = new JobError { Kind = "build", Message = "p does not compile" } };
        Server.On("POST /v1/jobs", Json(failed, 200));
        Server.On("GET /v1/jobs/j1", Json(failed));

        var error = await Should.ThrowAsync<JobFailedException>(() => Client.Jobs.RunAsync(Document));

        error.Message.ShouldBe("Job j1 failed (build): p does not compile");
        error.Status.Error!.Kind.ShouldBe("build");
    }

    [Fact]
    public async Task An_output_that_breaks_off_goes_on_where_it_stopped()
    {
        Server.On("GET /v1/jobs/j1/outputs/result", Ranged(Content, 30_000));

        using var bytes = new MemoryStream();
        (await Client.Jobs.DownloadOutputAsync("j1", Result, bytes)).ShouldBe(Content.Length);

        bytes.ToArray().ShouldBe(Content);
        var ranges = Server.Received.Select(r => r.Headers.Range.ToString()).ToList();
        ranges[0].ShouldBe("");
        ranges.Skip(1).ShouldAllBe(r => r.StartsWith("bytes=") && r != "bytes=0-");
        ranges.Count.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task A_name_that_is_no_output_is_refused_with_those_that_are()
    {
        var error = await Should.ThrowAsync<ArgumentException>(() =>
            Client.Jobs.ReadOutputAsync(Job("j1", JobState.Completed, Result), "resutl"));

        error.Message.ShouldContain("has no output resutl; it has: result");
    }

    [Fact]
    public async Task All_pages_of_a_list_are_read()
    {
        Server.On(
            "GET /v1/jobs",
            Json(new JobList { Jobs = [Job("c", JobState.Running)], Next = "b/2 +" }, ApiJsonContext.Default.JobList),
            Json(new JobList { Jobs = [Job("b", JobState.Running), Job("a", JobState.Running)] }, ApiJsonContext.Default.JobList));

        var ids = new List<string>();
        await foreach (var job in Client.Jobs.ListAllAsync(new JobQuery { State = JobState.Running, Limit = 2 }))
        {
            ids.Add(job.Id);
        }

        ids.ShouldBe(["c", "b", "a"]);
        Server.Received.Select(r => r.PathAndQuery).ShouldBe(
            ["/v1/jobs?state=Running&limit=2", "/v1/jobs?state=Running&limit=2&after=b%2F2%20%2B"]);
    }

    [Fact]
    public async Task Cancelling_and_asking_for_outputs_and_document_take_their_routes()
    {
        Server.On("POST /v1/jobs/j.1/cancel", Json(Job("j.1", JobState.Cancelled)));
        Server.On("GET /v1/jobs/j.1/outputs", Json(new JobOutputList { Outputs = [Result] }, ApiJsonContext.Default.JobOutputList));
        Server.On("GET /v1/jobs/j.1/document", Bytes("""{"id":"j.1"}"""u8.ToArray()));

        (await Client.Jobs.CancelAsync("j.1")).State.ShouldBe(JobState.Cancelled);
        (await Client.Jobs.ListOutputsAsync("j.1")).ShouldHaveSingleItem().Name.ShouldBe("result");
        (await Client.Jobs.GetDocumentAsync("j.1")).GetProperty("id").GetString().ShouldBe("j.1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public async Task What_cannot_be_an_id_is_not_sent(string id)
    {
        (await Should.ThrowAsync<ArgumentException>(() => Client.Jobs.GetAsync(id))).Message.ShouldContain("not the id of a job");

        Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Hosts_gpus_slices_and_status_are_read()
    {
        var slice = new SliceStatus { Id = "h/0/s1", Host = "h", Gpu = "h/0", Session = "acme/j1" };
        var gpu = new GpuStatus { Id = "h/0", Host = "h", Name = "pocl", Model = "A30", Presented = true, Slices = [slice] };
        var host = new HostStatus { Name = "h", State = HostState.Up, Gpus = [gpu] };
        Server.On("GET /v1/hosts", Json(new HostList { Hosts = [host] }, ApiJsonContext.Default.HostList));
        Server.On("GET /v1/hosts/h", Json(host, ApiJsonContext.Default.HostStatus));
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [gpu] }, ApiJsonContext.Default.GpuList));
        Server.On("GET /v1/slices", Json(new SliceList { Slices = [slice] }, ApiJsonContext.Default.SliceList));
        Server.On("GET /v1/status", Json(new ClusterStatus { Version = "1", Gpus = 1 }, ApiJsonContext.Default.ClusterStatus));

        (await Client.Cluster.ListHostsAsync()).Single().Gpus.Single().Slices.Single().Session.ShouldBe("acme/j1");
        (await Client.Cluster.GetHostAsync("h")).State.ShouldBe(HostState.Up);
        (await Client.Cluster.ListGpusAsync()).Single().Model.ShouldBe("A30");
        (await Client.Cluster.ListSlicesAsync()).Single().Id.ShouldBe("h/0/s1");
        (await Client.Cluster.GetStatusAsync()).Gpus.ShouldBe(1);
    }
}
