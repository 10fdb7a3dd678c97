using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace GpuActors.Client.Http;

/// <summary>When a request is tried again, and after what wait.</summary>
internal sealed class RetryPolicy(GpuActorsClientOptions options)
{
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(1);

    public int Attempts => options.Attempts;

    /// <summary>Statuses that say that the same request may succeed later or elsewhere.</summary>
    public static bool IsTransient(HttpStatusCode status) => status is
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Failures of a connection, as opposed to faults of this program.</summary>
    public static bool IsConnectionFailure(Exception exception) =>
        exception is HttpRequestException or IOException or OperationCanceledException;

    /// <summary>Waits before another try.</summary>
    /// <param name="round">How often all servers have failed, from 0.</param>
    /// <param name="retryAfter">What the server asked for; at most a minute of it is heeded.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(int round, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        var wait = Jitter(BackOff(round));
        if (retryAfter > wait)
        {
            wait = retryAfter.Value < RetryAfterMax ? retryAfter.Value : RetryAfterMax;
        }

        await Task.Delay(wait, options.Time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The wait that a <c>Retry-After</c> header asks for.</summary>
    public TimeSpan? RetryAfterOf(HttpResponseHeaders headers) => headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - options.Time.GetUtcNow(),
        _ => null,
    };

    private TimeSpan BackOff(int round) =>
        TimeSpan.FromTicks((long)Math.Min(
            options.RetryDelayMin.Ticks * Math.Pow(2, Math.Min(round, 30)), options.RetryDelayMax.Ticks));

    /// <summary>Between half and the whole, so that clients that failed together do not come back together.</summary>
    private static TimeSpan Jitter(TimeSpan wait) =>
        wait * (0.5 + (RandomNumberGenerator.GetInt32(0, 1001) / 2000.0));
}
