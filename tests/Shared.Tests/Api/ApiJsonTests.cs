using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using PlacedSlice = GpuActors.Shared.Api.PlacedSlice;

namespace GpuActors.Shared.Tests.Api;

public class ApiJsonTests
{
    [Fact]
    public void A_job_status_written_and_read_again_is_the_same()
    {
        var status = new JobStatus
        {
            Id = "j1",
            Tenant = "acme",
            State = JobState.Running,
            Epoch = 7,
            Attempt = 2,
            Slices = [new PlacedSlice { Slice = "h/0/s1", Host = "h", Gpu = "h/0", MemoryBytes = 1, ComputePercent = 25 }],
            Progress = new JobProgress(3, 10),
            SubmittedAt = DateTimeOffset.UnixEpoch,
            Labels = new Dictionary<string, string> { ["team"] = "blue" },
        };
        string json = JsonSerializer.Serialize(status, ApiJsonContext.Default.JobStatus);

        var read = JsonSerializer.Deserialize(json, ApiJsonContext.Default.JobStatus)!;

        JsonSerializer.Serialize(read, ApiJsonContext.Default.JobStatus).ShouldBe(json);
        json.ShouldContain("\"state\":\"Running\"");
        json.ShouldContain("\"progress\":{\"stepsDone\":3,\"stepsTotal\":10}");
        read.Labels["team"].ShouldBe("blue");
    }

    [Fact]
    public void Lists_that_an_answer_leaves_out_are_empty_rather_than_null()
    {
        var read = JsonSerializer.Deserialize(
            """{"id":"j","tenant":"t","state":"Queued","outputs":null}""", ApiJsonContext.Default.JobStatus)!;

        read.Slices.ShouldBeEmpty();
        read.Outputs.ShouldBeEmpty();
        read.Labels.ShouldBeEmpty();
    }

    [Fact]
    public void Host_states_and_gpu_modes_are_written_in_the_words_of_the_operators()
    {
        var status = new ClusterStatus
        {
            Version = "1",
            Hosts = new Dictionary<HostState, int> { [HostState.Up] = 2 },
            Jobs = new Dictionary<JobState, long> { [JobState.Queued] = 5 },
        };
        string json = JsonSerializer.Serialize(status, ApiJsonContext.Default.ClusterStatus);

        json.ShouldContain("\"hosts\":{\"up\":2}");
        json.ShouldContain("\"jobs\":{\"Queued\":5}");
        JsonSerializer.Deserialize(json, ApiJsonContext.Default.ClusterStatus)!.Hosts[HostState.Up].ShouldBe(2);
        JsonSerializer.Serialize(GpuMode.VgpuMixed, ApiJsonContext.Default.GpuMode).ShouldBe("\"vgpu-mixed\"");
    }

    [Fact]
    public void Every_kind_of_event_survives_the_wire()
    {
        JobEvent[] events =
        [
            new JobStateEvent { Sequence = 1, State = JobState.Failed, Error = new JobError { Kind = "build", Message = "m" } },
            new JobProgressEvent { Sequence = 2, Attempt = 1, Progress = new JobProgress(1, 2) },
            new JobLogEvent { Sequence = 3, Text = "two\nlines", Step = "steps[1]" },
        ];
        foreach (var written in events)
        {
            string data = written.ToData();
            data.ShouldNotContain("\n");
            var read = JobEvent.Parse(written.Kind, written.Sequence, data)!;
            read.GetType().ShouldBe(written.GetType());
            read.Sequence.ShouldBe(written.Sequence);
            read.ToData().ShouldBe(data);
        }

        JobEvent.Parse("weather", 4, "{}").ShouldBeNull();
    }

    [Fact]
    public void A_problem_carries_its_fields()
    {
        var problem = JsonSerializer.Deserialize(
            """{"title":"x","status":400,"errors":[{"path":"steps[0]","message":"no such kernel"}]}""",
            ApiJsonContext.Default.ApiProblem)!;

        problem.Type.ShouldBe(ProblemTypes.Blank);
        problem.Errors.ShouldHaveSingleItem().Path.ShouldBe("steps[0]");
    }
}
