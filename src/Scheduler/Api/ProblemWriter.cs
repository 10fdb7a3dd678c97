using System.Globalization;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Shared.Api;
using Microsoft.AspNetCore.WebUtilities;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// Middleware that ends every request that fails with a problem document: what endpoints throw, what the framework
/// refuses (unknown paths, wrong methods, too large bodies), and our own faults, of which the caller learns nothing but
/// that they are ours.
/// </summary>
public sealed class ProblemWriter(RequestDelegate next, ILogger<ProblemWriter> log)
{
    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ApiProblemException e)
        {
            await WriteAsync(context, e);
            return;
        }
        catch (FencedException)
        {
            // This node was replaced and ends; whoever asks again reaches another.
            await WriteAsync(context, Of(503, "This scheduler was replaced by another process; try again."));
            return;
        }
        catch (Exception e) when (e is EventStoreUnavailableException or EventStoreOverloadedException)
        {
            log.LogWarning("{Method} {Path}: {Reason}", context.Request.Method, context.Request.Path, e.Message);
            await WriteAsync(context, ApiProblemException.Unavailable("The database does not answer; try again."));
            return;
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, Of(e.StatusCode, e.Message));
            return;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            await WriteAsync(context, Of(500, "An unexpected error; the scheduler's log has the details."));
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null or 0 } response
            && (response.ContentType is null || response.ContentLength == 0))
        {
            response.ContentLength = null;
            await WriteAsync(context, Of(context.Response.StatusCode, null));
        }
    }

    private static Task WriteAsync(HttpContext context, ApiProblemException refusal)
    {
        if (refusal.RetryAfter is { } wait && !context.Response.HasStarted)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, refusal.Problem);
    }

    private static ApiProblem Of(int status, string? detail) => new()
    {
        Type = status switch
        {
            400 or 405 or 415 => ProblemTypes.InvalidRequest,
            404 => ProblemTypes.NotFound,
            413 => ProblemTypes.TooLarge,
            416 => ProblemTypes.RangeNotSatisfiable,
            429 => ProblemTypes.TooMany,
            500 => ProblemTypes.Internal,
            503 => ProblemTypes.Unavailable,
            _ => ProblemTypes.Blank,
        },
        Title = ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = detail,
    };

    private static async Task WriteAsync(HttpContext context, ApiProblem problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = problem.Status;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await context.Response.WriteAsJsonAsync(
            problem, ApiJsonContext.Default.ApiProblem, ApiProblem.ContentType, context.RequestAborted);
    }
}
