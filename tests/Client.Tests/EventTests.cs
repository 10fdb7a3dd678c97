using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Client.Tests;

public sealed class EventTests : ClientFixture
{
    private const string Events = "GET /v1/jobs/j1/events";

    private async Task<List<JobEvent>> ReadAsync(long after = 0)
    {
        var events = new List<JobEvent>();
        await foreach (var happened in Client.Jobs.EventsAsync("j1", after))
        {
            events.Add(happened);
        }

        return events;
    }

    [Fact]
    public async Task Events_come_in_order_until_the_job_has_ended()
    {
        Server.On(Events, Answers.Events(
            State(1, JobState.Queued) + ": keep-alive\n\n" + Progress(2, 3) +
            Event(new JobLogEvent { Text = "two\nlines" }, 3) + State(4, JobState.Completed), hang: true));

        var events = await ReadAsync();

        events.Select(e => e.Sequence).ShouldBe([1, 2, 3, 4]);
        events[1].ShouldBeOfType<JobProgressEvent>().Progress.StepsDone.ShouldBe(3);
        events[2].ShouldBeOfType<JobLogEvent>().Text.ShouldBe("two\nlines");
        events[3].ShouldBeOfType<JobStateEvent>().State.ShouldBe(JobState.Completed);
    }

    [Fact]
    public async Task A_stream_that_is_cut_off_is_resumed_behind_the_last_whole_event()
    {
        Server.On("GET /v1/jobs/j1", Json(Job("j1", JobState.Running)));
        Server.On(
            Events,
            Answers.Events(State(1, JobState.Queued) + Progress(5, 1) + Progress(6, 2)[..^5], cut: true),
            Drop(),
            Problem(503, "unavailable"),
            Answers.Events(Progress(5, 1) + Progress(6, 2) + State(7, JobState.Completed)));

        (await ReadAsync()).Select(e => e.Sequence).ShouldBe([1, 5, 6, 7]);

        Server.To(Events).Select(r => r.Headers["Last-Event-ID"].ToString()).ShouldBe(["", "5", "5", "5"]);
    }

    [Fact]
    public async Task A_caller_goes_on_behind_what_it_knows()
    {
        Server.On(Events, Answers.Events(State(9, JobState.Completed)));

        (await ReadAsync(after: 8)).Single().Sequence.ShouldBe(9);

        Server.To(Events).Single().Headers["Last-Event-ID"].ToString().ShouldBe("8");
    }

    [Fact]
    public async Task The_end_of_a_job_is_told_also_if_the_stream_does_not()
    {
        Server.On(Events, Answers.Events(Progress(3, 1)));
        Server.On("GET /v1/jobs/j1", Json(Job("j1", JobState.Failed) with { Error = new JobError { Kind = "lost", Message = "m" } }));

        var events = await ReadAsync();

        events.Count.ShouldBe(2);
        var end = events[1].ShouldBeOfType<JobStateEvent>();
        (end.State, end.Error!.Kind, end.Sequence).ShouldBe((JobState.Failed, "lost", 4));
    }

    [Fact]
    public async Task A_stream_that_only_keeps_alive_about_an_ended_job_ends()
    {
        Server.On(Events, Answers.Events(": keep-alive\n\n: keep-alive\n\n", hang: true));
        Server.On("GET /v1/jobs/j1", Json(Job("j1", JobState.Cancelled)));

        (await ReadAsync()).Single().ShouldBeOfType<JobStateEvent>().State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task A_silent_stream_counts_as_broken()
    {
        Server.On("GET /v1/jobs/j1", Json(Job("j1", JobState.Running)));
        Server.On(Events, Answers.Events(Progress(1, 1), hang: true), Answers.Events(State(2, JobState.Completed)));
        using var client = new GpuActorsClient(Options(Server.Address) with { SilenceTimeout = TimeSpan.FromMilliseconds(300) });

        var sequences = new List<long>();
        await foreach (var happened in client.Jobs.EventsAsync("j1"))
        {
            sequences.Add(happened.Sequence);
        }

        sequences.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Events_of_a_kind_that_is_not_known_are_passed_over()
    {
        Server.On(Events, Answers.Events("id: 1\nevent: weather\ndata: {}\n\n" + State(2, JobState.Completed)));

        (await ReadAsync()).Single().Sequence.ShouldBe(2);
    }

    [Theory]
    [InlineData("id: x\nevent: state\ndata: {\"state\":\"Queued\"}\n\n", "no number")]
    [InlineData("id: 1\nevent: state\ndata: {\"state\":\"Sideways\"}\n\n", "cannot be read")]
    [InlineData("id: 1\nevent: state\ndata: {\n\n", "cannot be read")]
    public async Task Events_that_make_no_sense_are_an_error(string text, string words)
    {
        Server.On(Events, Answers.Events(text));

        (await Should.ThrowAsync<UnexpectedAnswerException>(() => ReadAsync())).Message.ShouldContain(words);
    }

    [Fact]
    public async Task An_event_without_end_is_an_error()
    {
        Server.On(Events, Answers.Events("data: " + new string('x', 9_000_000)));

        (await Should.ThrowAsync<UnexpectedAnswerException>(() => ReadAsync())).Message.ShouldContain("longer than");
    }

    [Fact]
    public async Task A_job_that_is_not_there_has_no_events() =>
        (await Should.ThrowAsync<ApiException>(() => ReadAsync())).Problem.Type.ShouldBe(ProblemTypes.NotFound);

    [Fact]
    public async Task The_callers_cancellation_ends_the_stream()
    {
        Server.On(Events, Answers.Events(Progress(1, 1), hang: true));
        using var cancel = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var happened in Client.Jobs.EventsAsync("j1", cancellationToken: cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
    }
}
