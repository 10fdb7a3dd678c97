using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using GpuActors.Client.Http;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Client;

/// <summary>
/// Interactive sessions of the ticket's tenant, or of <see cref="GpuActorsClientOptions.Tenant"/>: a slice of a GPU that
/// a program drives itself.
/// </summary>
public sealed class SessionsClient
{
    private const int IdDigits = 12;

    private readonly RequestSender _sender;
    private readonly GpuActorsClientOptions _options;

    internal SessionsClient(RequestSender sender, GpuActorsClientOptions options)
    {
        _sender = sender;
        _options = options;
    }

    /// <summary>An id that nobody has used.</summary>
    public static string NewId() => $"s-{RandomNumberGenerator.GetHexString(IdDigits, lowercase: true)}";

    /// <summary>
    /// Asks for a session; once this returns, the request is durable. The same request again is the same session. While
    /// it waits somebody must ask for it, as <see cref="WaitUntilRunningAsync"/> does, or it is cancelled.
    /// </summary>
    /// <param name="request">A document without steps; without terms for sessions it gets the usual ones.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="ApiException">The request is wrong, or another job or session has its id.</exception>
    /// <exception cref="GpuActorsException">Nobody answered.</exception>
    public Task<SessionStatus> RequestAsync(JobDocument request, CancellationToken cancellationToken = default) =>
        RequestAsync(request, TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Asks for a session, as the other overload; the answer comes when it can be used, has ended, or has to wait for a
    /// reason that is known, and at the latest after <paramref name="wait"/>.
    /// </summary>
    /// <exception cref="ApiException">The request is wrong, or another job or session has its id.</exception>
    /// <exception cref="GpuActorsException">Nobody answered.</exception>
    public Task<SessionStatus> RequestAsync(
        JobDocument request, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var document = request with { Interactive = request.Interactive ?? InteractiveTerms.Default };
        byte[] json = document.ToJson();
        return SendAsync(
            new ApiRequest(HttpMethod.Post, ApiRoutes.Sessions)
            {
                Content = () => new ByteArrayContent(json)
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
                },
                Query = [("wait", wait > TimeSpan.Zero ? Milliseconds(wait) : null)],
                ExtraTime = wait,
            },
            cancellationToken);
    }

    /// <summary>How a session stands; with a grant if it runs.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<SessionStatus> GetAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(new ApiRequest(HttpMethod.Get, PathOf(id)), cancellationToken);

    /// <summary>
    /// How a session stands when its state is another than <paramref name="after"/> or it waits for another reason than
    /// now, or once <paramref name="wait"/> is over.
    /// </summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<SessionStatus> GetAsync(
        string id, JobState after, TimeSpan wait, CancellationToken cancellationToken = default) => SendAsync(
            new ApiRequest(HttpMethod.Get, PathOf(id))
            {
                Query =
                [
                    ("wait", Milliseconds(wait)),
                    ("after", after.ToString()),
                ],
                ExtraTime = wait,
            },
            cancellationToken);

    /// <summary>Waits until a session can be used, however long it takes.</summary>
    /// <param name="id">The session.</param>
    /// <param name="heard">Gets each status that is heard meanwhile, for telling why it waits; null: nobody does.</param>
    /// <param name="cancellationToken">Gives up; the session goes on waiting until its lease is over.</param>
    /// <returns>Its status with a grant.</returns>
    /// <exception cref="SessionEndedException">It ended instead.</exception>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public async Task<SessionStatus> WaitUntilRunningAsync(
        string id, Action<SessionStatus>? heard = null, CancellationToken cancellationToken = default) =>
        await WaitUntilRunningAsync(
            await GetAsync(id, cancellationToken).ConfigureAwait(false), heard, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until a session can be used, as the other overload, from a status on that is known.</summary>
    /// <exception cref="SessionEndedException">It ended instead.</exception>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public async Task<SessionStatus> WaitUntilRunningAsync(
        SessionStatus known, Action<SessionStatus>? heard = null, CancellationToken cancellationToken = default)
    {
        // Reasons may change between two questions unheard; asking this often tells them soon all the same.
        var longest = TimeSpan.FromSeconds(5);
        var wait = _options.LongPoll < longest ? _options.LongPoll : longest;
        var status = known;
        for (int hasty = 0; ;)
        {
            if (status is { State: JobState.Running, Grant: not null })
            {
                return status;
            }

            if (status.State.IsTerminal())
            {
                throw new SessionEndedException(status);
            }

            heard?.Invoke(status);
            long asked = _options.Time.GetTimestamp();
            var next = await GetAsync(known.Id, status.State, wait, cancellationToken).ConfigureAwait(false);

            // A server that will not let us wait must not be asked in a busy loop.
            bool isNews = next.State != status.State || next.Reason != status.Reason;
            hasty = isNews || _options.Time.GetElapsedTime(asked) >= wait / 2 ? 0 : hasty + 1;
            if (hasty > 0)
            {
                await _sender.Retries.WaitAsync(hasty - 1, null, cancellationToken).ConfigureAwait(false);
            }

            status = next;
        }
    }

    /// <summary>A page of sessions, newest first.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public Task<SessionList> ListAsync(SessionQuery query, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Sessions)
            {
                Query =
                [
                    ("all", query.All ? "true" : null),
                    ("limit", query.Limit?.ToString(CultureInfo.InvariantCulture)),
                    ("after", query.After),
                ],
            },
            ApiJsonContext.Default.SessionList,
            cancellationToken);

    /// <summary>All sessions of a query, newest first, page after page.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async IAsyncEnumerable<SessionStatus> ListAllAsync(
        SessionQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        do
        {
            var page = await ListAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var session in page.Sessions)
            {
                yield return session;
            }

            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }

    /// <summary>Ends a session; one that has ended already stays as it is.</summary>
    /// <exception cref="GpuActorsException">There is none of that id, or nobody answered.</exception>
    public Task<SessionStatus> EndAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(new ApiRequest(HttpMethod.Delete, PathOf(id)), cancellationToken);

    private Task<SessionStatus> SendAsync(ApiRequest request, CancellationToken cancellationToken) =>
        _sender.GetJsonAsync(request, ApiJsonContext.Default.SessionStatus, cancellationToken);

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMilliseconds)}ms");

    private static string PathOf(string id) => Names.IsId(id)
        ? ApiRequest.Fill(ApiRoutes.Session, ("id", id))
        : throw new ArgumentException($"\"{id}\" is not the id of a session: those are letters, digits, . _ and -.", nameof(id));
}
