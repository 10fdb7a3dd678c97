using System.Net;
using GpuActors.Shared.Api;

namespace GpuActors.Client;

/// <summary>The base of what goes wrong between a client and a cluster.</summary>
public class GpuActorsException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The cluster answered that a request is wrong or cannot be served.</summary>
public sealed class ApiException(ApiProblem problem) : GpuActorsException(Describe(problem))
{
    /// <summary>What was wrong: its <see cref="ApiProblem.Type"/> is one of <see cref="ProblemTypes"/>.</summary>
    public ApiProblem Problem { get; } = problem;

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status => (HttpStatusCode)Problem.Status;

    private static string Describe(ApiProblem problem)
    {
        var parts = new List<string> { problem.Detail ?? problem.Title ?? $"The server answered with status {problem.Status}." };
        parts.AddRange(problem.Errors.Select(e => $"{e.Path}: {e.Message}"));
        return string.Join(Environment.NewLine, parts);
    }
}

/// <summary>No server gave an answer, however often it was tried.</summary>
public sealed class ServersUnavailableException(string message, Exception? inner) : GpuActorsException(message, inner);

/// <summary>A server gave an answer that is not one of this API.</summary>
public sealed class UnexpectedAnswerException(string message, Exception? inner = null) : GpuActorsException(message, inner);

/// <summary>Content does not have the SHA-256 that it should have.</summary>
public sealed class ContentMismatchException(string message) : GpuActorsException(message);

/// <summary>A session that was to be used has ended.</summary>
public sealed class SessionEndedException(SessionStatus status) : GpuActorsException(Describe(status))
{
    /// <summary>The session's last status.</summary>
    public SessionStatus Status { get; } = status;

    private static string Describe(SessionStatus status) => status.Error is { } error
        ? $"Session {status.Id} failed ({error.Kind}): {error.Message}"
        : $"Session {status.Id} is {status.State}{(status.Reason is null ? "." : $": {status.Reason}")}";
}

/// <summary>A job that was to be completed failed or was cancelled.</summary>
public sealed class JobFailedException(JobStatus status) : GpuActorsException(Describe(status))
{
    /// <summary>The job's last status.</summary>
    public JobStatus Status { get; } = status;

    private static string Describe(JobStatus status) => status.Error is { } error
        ? $"Job {status.Id} failed ({error.Kind}): {error.Message}"
        : $"Job {status.Id} is {status.State}{(status.Reason is null ? "." : $": {status.Reason}")}";
}
