using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuActors.Client.Events;
using GpuActors.Client.Http;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using JobOutput = GpuActors.Shared.Api.JobOutput;

namespace GpuActors.Client;

/// <summary>Jobs of the ticket's tenant, or of <see cref="GpuActorsClientOptions.Tenant"/>.</summary>
public sealed class JobsClient
{
    private readonly RequestSender _sender;
    private readonly ContentDownloader _downloads;
    private readonly GpuActorsClientOptions _options;

    internal JobsClient(RequestSender sender, ContentDownloader downloads, GpuActorsClientOptions options)
    {
        _sender = sender;
        _downloads = downloads;
        _options = options;
    }

    /// <summary>
    /// Submits a job; once this returns, the job is durable. Submitting the same document again is the same job, so a
    /// caller that does not know whether it has submitted simply does.
    /// </summary>
    /// <exception cref="ApiException">The document is wrong, or another job has its id.</exception>
    /// <exception cref="GpuActorsException">Nobody answered.</exception>
    public Task<JobStatus> SubmitAsync(JobDocument document, CancellationToken cancellationToken = default) =>
        SubmitAsync(document.ToJson(), cancellationToken);

    /// <summary>Submits a job document in JSON.</summary>
    /// <inheritdoc cref="SubmitAsync(JobDocument, CancellationToken)"/>
    public Task<JobStatus> SubmitAsync(ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken = default)
    {
        var request = new ApiRequest(HttpMethod.Post, ApiRoutes.Jobs)
        {
            Content = () => new ReadOnlyMemoryContent(utf8Json)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        return _sender.GetJsonAsync(request, ApiJsonContext.Default.JobStatus, cancellationToken);
    }

    /// <summary>Submits a job and waits until it is completed.</summary>
    /// <exception cref="JobFailedException">It failed or was cancelled.</exception>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<JobStatus> RunAsync(JobDocument document, CancellationToken cancellationToken = default)
    {
        var submitted = await SubmitAsync(document, cancellationToken).ConfigureAwait(false);
        var ended = await WaitAsync(submitted.Id, cancellationToken).ConfigureAwait(false);
        return ended.State == JobState.Completed ? ended : throw new JobFailedException(ended);
    }

    /// <summary>How a job stands.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<JobStatus> GetAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync(id, TimeSpan.Zero, cancellationToken);

    /// <summary>How a job stands when it has ended, or once <paramref name="wait"/> is over.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<JobStatus> GetAsync(string id, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        string? milliseconds = wait > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalMilliseconds)}ms")
            : null;
        var request = new ApiRequest(HttpMethod.Get, PathOf(ApiRoutes.Job, id))
        {
            Query = [("wait", milliseconds)],
            ExtraTime = wait,
        };
        return _sender.GetJsonAsync(request, ApiJsonContext.Default.JobStatus, cancellationToken);
    }

    /// <summary>Waits until a job has ended, however long it takes.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public async Task<JobStatus> WaitAsync(string id, CancellationToken cancellationToken = default)
    {
        for (int hasty = 0; ;)
        {
            long asked = _options.Time.GetTimestamp();
            var status = await GetAsync(id, _options.LongPoll, cancellationToken).ConfigureAwait(false);
            if (status.State.IsTerminal())
            {
                return status;
            }

            // A server that will not let us wait must not be asked in a busy loop.
            bool waited = _options.Time.GetElapsedTime(asked) >= _options.LongPoll / 2;
            hasty = waited ? 0 : hasty + 1;
            if (hasty > 0)
            {
                await _sender.Retries.WaitAsync(hasty - 1, null, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A page of jobs, newest first.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public Task<JobList> ListAsync(JobQuery query, CancellationToken cancellationToken = default)
    {
        var request = new ApiRequest(HttpMethod.Get, ApiRoutes.Jobs)
        {
            Query =
            [
                ("state", query.State?.ToString()),
                ("limit", query.Limit?.ToString(CultureInfo.InvariantCulture)),
                ("after", query.After),
            ],
        };
        return _sender.GetJsonAsync(request, ApiJsonContext.Default.JobList, cancellationToken);
    }

    /// <summary>All jobs of a query, newest first, page after page.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async IAsyncEnumerable<JobStatus> ListAllAsync(
        JobQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        do
        {
            var page = await ListAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var job in page.Jobs)
            {
                yield return job;
            }

            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }

    /// <summary>Why a job is where it is, or why it waits and what would help.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<JobExplanation> ExplainAsync(string id, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, PathOf(ApiRoutes.JobExplain, id)), ApiJsonContext.Default.JobExplanation, cancellationToken);

    /// <summary>Ends a job; one that has ended already stays as it is.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<JobStatus> CancelAsync(string id, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Post, PathOf(ApiRoutes.JobCancel, id)), ApiJsonContext.Default.JobStatus, cancellationToken);

    /// <summary>
    /// A job's events until its end, the last of which is a <see cref="JobStateEvent"/>. A broken stream is resumed
    /// behind the last event; recent events are not lost, and none comes twice.
    /// </summary>
    /// <param name="id">The job.</param>
    /// <param name="after">Sequence of the last event that is known already; 0 for none.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public IAsyncEnumerable<JobEvent> EventsAsync(string id, long after = 0, CancellationToken cancellationToken = default) =>
        new JobEventStream(_sender, PathOf(ApiRoutes.JobEvents, id), token => GetAsync(id, token))
            .ReadAsync(after, cancellationToken);

    /// <summary>The outputs of a completed job.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public async Task<IReadOnlyList<JobOutput>> ListOutputsAsync(string id, CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, PathOf(ApiRoutes.JobOutputs, id)),
            ApiJsonContext.Default.JobOutputList,
            cancellationToken).ConfigureAwait(false)).Outputs;

    /// <summary>Writes an output to a stream and checks its hash. A broken download goes on where it stopped.</summary>
    /// <param name="id">The job.</param>
    /// <param name="output">One of its outputs.</param>
    /// <param name="destination">Gets the bytes in order.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="GpuActorsException">There is none, it is damaged, or nobody answered.</exception>
    public Task<long> DownloadOutputAsync(
        string id, JobOutput output, Stream destination, CancellationToken cancellationToken = default)
    {
        string path = ApiRequest.Fill(ApiRoutes.JobOutput, ("id", id), ("name", output.Name));
        return _downloads.DownloadAsync(path, output.Sha256, destination, cancellationToken);
    }

    /// <summary>The bytes of an output that fits into memory.</summary>
    /// <exception cref="ArgumentException">The status has no output of that name.</exception>
    /// <exception cref="GpuActorsException">It is damaged, or nobody answered.</exception>
    public async Task<byte[]> ReadOutputAsync(JobStatus job, string name, CancellationToken cancellationToken = default)
    {
        var output = job.Outputs.FirstOrDefault(o => o.Name == name) ?? throw new ArgumentException(
            $"Job {job.Id}, which is {job.State}, has no output {name}; it has: " +
            $"{string.Join(", ", job.Outputs.Select(o => o.Name))}.",
            nameof(name));
        using var bytes = new MemoryStream();
        await DownloadOutputAsync(job.Id, output, bytes, cancellationToken).ConfigureAwait(false);
        return bytes.ToArray();
    }

    /// <summary>The document as it was submitted.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<JsonElement> GetDocumentAsync(string id, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, PathOf(ApiRoutes.JobDocument, id)),
            ApiJsonContext.Default.JsonElement,
            cancellationToken);

    private static string PathOf(string route, string id) => Names.IsId(id)
        ? ApiRequest.Fill(route, ("id", id))
        : throw new ArgumentException($"\"{id}\" is not the id of a job: those are letters, digits, . _ and -.", nameof(id));
}
