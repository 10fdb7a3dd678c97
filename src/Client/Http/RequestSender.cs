using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Shared.Api;

namespace GpuActors.Client.Http;

/// <summary>Sends a request until a server answers it.</summary>
internal sealed class RequestSender : IDisposable
{
    private const long MaxBodyBytes = 256L * 1024 * 1024;

    /// <summary>After this another server is asked.</summary>
    private static readonly TimeSpan MaxConnectTime = TimeSpan.FromSeconds(5);

    private readonly GpuActorsClientOptions _options;
    private readonly HttpClient _http;
    private readonly ServerList _servers;

    public RequestSender(GpuActorsClientOptions options)
    {
        _options = options;
        _servers = new ServerList(options.Servers);
        Retries = new RetryPolicy(options);
        _http = options.Handler is { } handler
            ? new HttpClient(handler, disposeHandler: false)
            : new HttpClient(NewHandler(options));
        _http.Timeout = Timeout.InfiniteTimeSpan;
    }

    public RetryPolicy Retries { get; }

    public TimeProvider Time => _options.Time;

    public TimeSpan SilenceTimeout => _options.SilenceTimeout;

    /// <summary>The JSON that a request is answered with.</summary>
    /// <exception cref="GpuActorsException">The request was refused, or nobody answered.</exception>
    public async Task<T> GetJsonAsync<T>(
        ApiRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        T result = default!;
        using var response = await SendAsync(
            request,
            async (answer, token) => result = await ReadJsonAsync(answer, type, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>The answer as soon as its headers are there; its body is not retried here. To be disposed.</summary>
    /// <exception cref="GpuActorsException">The request was refused, or nobody answered.</exception>
    public Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken) =>
        SendAsync(request, read: null, cancellationToken);

    /// <summary>True when the answer is a success, false when there is no such thing.</summary>
    /// <exception cref="GpuActorsException">The request was refused, or nobody answered.</exception>
    public async Task<bool> ExistsAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await OpenAsync(request, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        ApiRequest request, Func<HttpResponseMessage, CancellationToken, Task>? read, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            var server = _servers.Current;
            var (response, failure) = await TryAsync(server, request, read, cancellationToken).ConfigureAwait(false);
            if (response is not null)
            {
                return response;
            }

            if (attempt >= Retries.Attempts)
            {
                throw failure!.ToException(request, server, attempt);
            }

            if (!failure!.IsAboutCaller)
            {
                _servers.Leave(server);
            }

            // The other servers are asked at once; only when all have failed is there a wait.
            if (failure.IsAboutCaller || attempt % _servers.Count == 0)
            {
                int round = (attempt - 1) / _servers.Count;
                await Retries.WaitAsync(round, failure.RetryAfter, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One attempt: an answer, or a failure after which another attempt makes sense.</summary>
    private async Task<(HttpResponseMessage? Response, AttemptFailure? Failure)> TryAsync(
        Uri server,
        ApiRequest request,
        Func<HttpResponseMessage, CancellationToken, Task>? read,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout + request.ExtraTime, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        HttpResponseMessage? response = null;
        bool handedOver = false;
        try
        {
            using var message = request.ToMessage(server, _options.Ticket, _options.Tenant);
            response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                var problem = await ReadProblemAsync(response, either.Token).ConfigureAwait(false);
                return RetryPolicy.IsTransient(response.StatusCode)
                    ? (null, new AttemptFailure(problem, null, Retries.RetryAfterOf(response.Headers)))
                    : throw new ApiException(problem);
            }

            if (read is not null)
            {
                await read(response, either.Token).ConfigureAwait(false);
            }

            handedOver = true;
            return (response, null);
        }
        catch (Exception e) when (RetryPolicy.IsConnectionFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            return (null, new AttemptFailure(null, e, null));
        }
        finally
        {
            if (!handedOver)
            {
                response?.Dispose();
            }
        }
    }

    private static async Task<T> ReadJsonAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellationToken).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new UnexpectedAnswerException(
                $"{response.RequestMessage?.RequestUri} answered with something that is no {typeof(T).Name}; " +
                "is it a GpuActors scheduler of this version?",
                e);
        }
    }

    /// <summary>The problem that an error is explained with; what is no problem document is wrapped into one.</summary>
    private static async Task<ApiProblem> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const long maxProblemBytes = 1024 * 1024;
        int status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType == ApiProblem.ContentType)
        {
            await response.Content.LoadIntoBufferAsync(maxProblemBytes, cancellationToken).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (JsonSerializer.Deserialize(body, ApiJsonContext.Default.ApiProblem) is { } problem)
                {
                    return problem with { Status = status };
                }
            }
            catch (JsonException)
            {
                // A proxy may have cut it off; the status alone must do.
            }
        }

        return new ApiProblem { Status = status, Title = response.ReasonPhrase };
    }

    private static SocketsHttpHandler NewHandler(GpuActorsClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = options.RequestTimeout < MaxConnectTime ? options.RequestTimeout : MaxConnectTime,
        ConnectCallback = LivelyConnections.ConnectAsync,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    };
}
