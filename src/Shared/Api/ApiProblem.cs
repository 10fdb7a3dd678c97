namespace GpuActors.Shared.Api;

/// <summary>
/// Body of every answer that is an error (RFC 9457, <c>application/problem+json</c>).
/// </summary>
public sealed record ApiProblem
{
    /// <summary>Media type of a problem.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>One of <see cref="ProblemTypes"/>; programs decide by it.</summary>
    public string Type { get; init => field = value ?? ProblemTypes.Blank; } = ProblemTypes.Blank;

    /// <summary>What kind of problem, the same words for all of one type.</summary>
    public string? Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>What was wrong this time, and what would be right.</summary>
    public string? Detail { get; init; }

    /// <summary>Each field that is wrong; empty when the problem is not about fields.</summary>
    public IReadOnlyList<FieldError> Errors { get; init => field = value ?? []; } = [];
}

/// <summary>One field that is wrong.</summary>
/// <param name="Path">Where: a JSON pointer such as <c>/steps/3/kernel</c>, or <c>?limit</c> for a query parameter.</param>
/// <param name="Message">What was wrong and what is allowed.</param>
public sealed record FieldError(string Path, string Message);

/// <summary>The <see cref="ApiProblem.Type"/> of each kind of problem.</summary>
public static class ProblemTypes
{
    /// <summary>No kind of ours: the status says all (RFC 9457, 4.2.1).</summary>
    public const string Blank = "about:blank";

    /// <summary>400: the body is not JSON, or fields of it are wrong.</summary>
    public const string InvalidDocument = Prefix + "invalid-document";

    /// <summary>400: a path, query parameter or header is wrong.</summary>
    public const string InvalidRequest = Prefix + "invalid-request";

    /// <summary>401: no ticket, or one that is not valid now.</summary>
    public const string Unauthenticated = Prefix + "unauthenticated";

    /// <summary>403: the ticket does not allow this.</summary>
    public const string Forbidden = Prefix + "forbidden";

    /// <summary>404: no such job, output, blob, host or path.</summary>
    public const string NotFound = Prefix + "not-found";

    /// <summary>409: a job with that id and other content exists.</summary>
    public const string JobExists = Prefix + "job-exists";

    /// <summary>409: the thing's state does not allow this.</summary>
    public const string WrongState = Prefix + "wrong-state";

    /// <summary>413: the body is larger than allowed.</summary>
    public const string TooLarge = Prefix + "too-large";

    /// <summary>416: the range lies outside of the content.</summary>
    public const string RangeNotSatisfiable = Prefix + "range-not-satisfiable";

    /// <summary>422: the thing can't do this; the detail lists what it can.</summary>
    public const string NotPossible = Prefix + "not-possible";

    /// <summary>422: the blob's bytes do not have the SHA-256 of its address.</summary>
    public const string HashMismatch = Prefix + "hash-mismatch";

    /// <summary>429: too many requests, or too many waiting jobs; <c>Retry-After</c> says when to come again.</summary>
    public const string TooMany = Prefix + "too-many";

    /// <summary>500: our fault.</summary>
    public const string Internal = Prefix + "internal";

    /// <summary>503: starting, stopping, or the journal cannot be written; come again.</summary>
    public const string Unavailable = Prefix + "unavailable";

    private const string Prefix = "urn:gpuactors:problem:";
}
