using System.Net;
using GpuActors.Shared.Api;

namespace GpuActors.Client.Http;

/// <summary>Why one attempt brought no answer.</summary>
/// <param name="Problem">What the server said, if it said something.</param>
/// <param name="Exception">What happened to the connection otherwise.</param>
/// <param name="RetryAfter">When the server wants to be asked again.</param>
internal sealed record AttemptFailure(ApiProblem? Problem, Exception? Exception, TimeSpan? RetryAfter)
{
    /// <summary>True when another server would say the same: the caller sends too much.</summary>
    public bool IsAboutCaller => Problem?.Status == (int)HttpStatusCode.TooManyRequests;

    public GpuActorsException ToException(ApiRequest request, Uri server, int attempts) => Problem is not null
        ? new ApiException(Problem)
        : new ServersUnavailableException(
            $"{request} got no answer from {server} after {attempts} {(attempts == 1 ? "attempt" : "attempts")}: {Reason}",
            Exception);

    private string Reason => Exception switch
    {
        OperationCanceledException => "it took too long.",
        { InnerException: { } inner } => inner.Message,
        { } e => e.Message,
        null => "",
    };
}
