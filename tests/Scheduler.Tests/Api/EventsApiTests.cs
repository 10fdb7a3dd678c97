using System.Net;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class EventsApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Events_come_as_they_happen_and_the_stream_ends_with_the_job()
    {
        using var client = scheduler.Client("events");
        using var _ = await client.SubmitAsync(Http.Document("j"));
        using var stream = await OpenAsync(client, "j", null);
        using var events = await ReaderAsync(stream);
        stream.Content.Headers.ContentType.ShouldNotBeNull().MediaType.ShouldBe("text/event-stream");

        var first = (await NextAsync(events)).ShouldBeOfType<JobStateEvent>();
        first.State.ShouldBe(JobState.Queued);
        using var cancel = await client.PostAsync("/v1/jobs/j/cancel", null);
        var rest = await RestAsync(events);
        rest[^1].ShouldBeOfType<JobStateEvent>().State.ShouldBe(JobState.Cancelled);
        rest.Prepend(first).Select(e => e.Sequence).ShouldBeInOrder(SortDirection.Ascending);
    }

    [Fact]
    public async Task A_stream_resumes_behind_the_last_event_that_was_seen()
    {
        using var client = scheduler.Client("resume");
        using var _ = await client.SubmitAsync(Http.Document("j"));
        using var cancel = await client.PostAsync("/v1/jobs/j/cancel", null);
        using var whole = await OpenAsync(client, "j", null);
        using var all = await ReaderAsync(whole);
        var seen = await RestAsync(all);
        seen.Count.ShouldBeGreaterThanOrEqualTo(2);

        using var resumed = await OpenAsync(client, "j", $"{seen[0].Sequence}");
        using var behind = await ReaderAsync(resumed);
        (await RestAsync(behind)).Select(e => e.Sequence).ShouldBe(seen.Skip(1).Select(e => e.Sequence));
    }

    [Fact]
    public async Task A_stream_resumed_behind_the_last_event_of_an_ended_job_ends()
    {
        using var client = scheduler.Client("ended");
        using var _ = await client.SubmitAsync(Http.Document("j"));
        using var cancel = await client.PostAsync("/v1/jobs/j/cancel", null);
        using var whole = await OpenAsync(client, "j", null);
        using var all = await ReaderAsync(whole);
        var last = (await RestAsync(all))[^1];

        using var resumed = await OpenAsync(client, "j", $"{last.Sequence}");
        using var behind = await ReaderAsync(resumed);
        (await RestAsync(behind)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nonsense_to_resume_from_and_an_unknown_job_are_refused()
    {
        using var client = scheduler.Client("nonsense");
        using var _ = await client.SubmitAsync(Http.Document("j"));
        using var nonsense = await OpenAsync(client, "j", "yesterday");
        await nonsense.FieldProblemAsync(HttpStatusCode.BadRequest, "Last-Event-ID");
        using var unknown = await OpenAsync(client, "k", null);
        await unknown.ProblemAsync(HttpStatusCode.NotFound);
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client, string id, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{id}/events");
        if (after is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after).ShouldBeTrue();
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<StreamReader> ReaderAsync(HttpResponseMessage response) =>
        new(await response.Content.ReadAsStreamAsync());

    private static async Task<List<JobEvent>> RestAsync(StreamReader reader)
    {
        var events = new List<JobEvent>();
        while (await NextAsync(reader) is { } happened)
        {
            events.Add(happened);
        }

        return events;
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    private static async Task<JobEvent?> NextAsync(StreamReader reader)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (id, kind, data) = (0L, "", "");
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["id", var text]:
                    id = long.Parse(text);
                    break;
                case ["event", var text]:
                    kind = text;
                    break;
                case ["data", var text]:
                    data = text;
                    break;
                case [""] when kind.Length > 0:
                    return JobEvent.Parse(kind, id, data).ShouldNotBeNull();
            }
        }

        return null;
    }
}
