using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Api;

/// <summary>Ends a request with a problem (RFC 9457). Thrown by endpoints, written by <see cref="ProblemWriter"/>.</summary>
public sealed class ApiProblemException : Exception
{
    /// <summary>The request ends with <paramref name="problem"/>.</summary>
    public ApiProblemException(ApiProblem problem)
        : base(problem.Detail)
    {
        Problem = problem;
    }

    /// <summary>What the caller is told.</summary>
    public ApiProblem Problem { get; }

    /// <summary>When to come again, as <c>Retry-After</c> says it in whole seconds; null where that would not help.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>400: a query parameter, path or header is wrong.</summary>
    public static ApiProblemException InvalidRequest(string path, string message) => new(new ApiProblem
    {
        Type = ProblemTypes.InvalidRequest,
        Title = "The request is not valid.",
        Status = StatusCodes.Status400BadRequest,
        Detail = $"{path}: {message}",
        Errors = [new FieldError(path, message)],
    });

    /// <summary>400: fields of the job document are wrong.</summary>
    public static ApiProblemException InvalidDocument(IReadOnlyList<FieldError> errors) => new(new ApiProblem
    {
        Type = ProblemTypes.InvalidDocument,
        Title = "The job document is not valid.",
        Status = StatusCodes.Status400BadRequest,
        Detail = errors.Count == 1
            ? $"{errors[0].Path}: {errors[0].Message}"
            : $"{errors.Count} problems; the first is {errors[0].Path}: {errors[0].Message}",
        Errors = errors,
    });

    /// <summary>401: there is no valid ticket.</summary>
    public static ApiProblemException Unauthenticated(string detail) => Simple(
        StatusCodes.Status401Unauthorized, ProblemTypes.Unauthenticated, "A valid ticket is needed.", detail);

    /// <summary>403: the ticket does not allow it.</summary>
    public static ApiProblemException Forbidden(string detail) => Simple(
        StatusCodes.Status403Forbidden, ProblemTypes.Forbidden, "The ticket does not allow this.", detail);

    /// <summary>404.</summary>
    public static ApiProblemException NotFound(string detail) => Simple(
        StatusCodes.Status404NotFound, ProblemTypes.NotFound, "There is no such thing.", detail);

    /// <summary>409: a job with that id and other content exists.</summary>
    public static ApiProblemException JobExists(string detail) => Simple(
        StatusCodes.Status409Conflict, ProblemTypes.JobExists, "Another job has that id.", detail);

    /// <summary>409: the thing's state does not allow it.</summary>
    public static ApiProblemException WrongState(string detail) => Simple(
        StatusCodes.Status409Conflict, ProblemTypes.WrongState, "Its state does not allow this.", detail);

    /// <summary>422: the thing can't do it.</summary>
    public static ApiProblemException NotPossible(string detail) => Simple(
        StatusCodes.Status422UnprocessableEntity, ProblemTypes.NotPossible, "This is not possible here.", detail);

    /// <summary>413: the body is too large.</summary>
    public static ApiProblemException TooLarge(string detail) => Simple(
        StatusCodes.Status413PayloadTooLarge, ProblemTypes.TooLarge, "The body is too large.", detail);

    /// <summary>422: the content is not what its address says.</summary>
    public static ApiProblemException HashMismatch(string detail) => Simple(
        StatusCodes.Status422UnprocessableEntity, ProblemTypes.HashMismatch, "The content has another hash.", detail);

    /// <summary>429: too much at once.</summary>
    public static ApiProblemException TooMany(string detail, TimeSpan retryAfter) => Simple(
        StatusCodes.Status429TooManyRequests, ProblemTypes.TooMany, "Too much at once.", detail, retryAfter);

    /// <summary>503: come again.</summary>
    public static ApiProblemException Unavailable(string detail) => Simple(
        StatusCodes.Status503ServiceUnavailable,
        ProblemTypes.Unavailable,
        "Not available at the moment.",
        detail,
        TimeSpan.FromSeconds(1));

    private static ApiProblemException Simple(
        int status, string type, string title, string detail, TimeSpan? retryAfter = null) =>
        new(new ApiProblem { Type = type, Title = title, Status = status, Detail = detail })
        {
            RetryAfter = retryAfter,
        };
}
