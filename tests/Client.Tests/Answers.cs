using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Shared.Api;
using Microsoft.AspNetCore.Http;

namespace GpuActors.Client.Tests;

/// <summary>Good and bad answers for a <see cref="ScriptedServer"/>.</summary>
internal static class Answers
{
    public static JobStatus Job(string id, JobState state, params JobOutput[] outputs) =>
        new() { Id = id, Tenant = "acme", State = state, SubmittedAt = DateTimeOffset.UnixEpoch, Outputs = outputs };

    public static RequestDelegate Json<T>(T value, JsonTypeInfo<T> type, int status = 200) =>
        Bytes(JsonSerializer.SerializeToUtf8Bytes(value, type), status, "application/json");

    public static RequestDelegate Json(JobStatus job, int status = 200) => Json(job, ApiJsonContext.Default.JobStatus, status);

    public static RequestDelegate Bytes(byte[] bytes, int status = 200, string type = "application/octet-stream") =>
        async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.ContentLength = bytes.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.Body.WriteAsync(bytes);
            }
        };

    public static RequestDelegate Problem(int status, string type, string? retryAfter = null, params FieldError[] errors) =>
        async context =>
        {
            if (retryAfter is not null)
            {
                context.Response.Headers.RetryAfter = retryAfter;
            }

            var problem = new ApiProblem
            {
                Type = "urn:gpuactors:problem:" + type, Title = type, Status = status, Detail = $"It is {type}.", Errors = errors,
            };
            await Bytes(
                JsonSerializer.SerializeToUtf8Bytes(problem, ApiJsonContext.Default.ApiProblem), status, ApiProblem.ContentType)(context);
        };

    /// <summary>Hangs up without a word.</summary>
    public static RequestDelegate Drop() => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    /// <summary>
    /// Announces all, sends a part, and ends: the server then closes the connection. (An abort could reset it before
    /// the client has read what was sent, and tests are about what was.)
    /// </summary>
    public static RequestDelegate Truncated(byte[] bytes, int sent, int status = 200) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, sent));
        await context.Response.Body.FlushAsync();
    };

    /// <summary>Says nothing until the client gives up.</summary>
    public static RequestDelegate Silence() => context =>
    {
        var gone = new TaskCompletionSource();
        context.RequestAborted.Register(gone.SetResult);
        return gone.Task;
    };

    /// <summary>Serves <paramref name="bytes"/> with ranges; a single answer breaks off after at most <paramref name="atMost"/>.</summary>
    public static RequestDelegate Ranged(byte[] bytes, int atMost = int.MaxValue) => async context =>
    {
        string range = context.Request.Headers.Range.ToString();
        int from = range.Length == 0 ? 0 : int.Parse(range["bytes=".Length..^1]);
        if (from >= bytes.Length && from > 0)
        {
            await Problem(416, "range-not-satisfiable")(context);
            return;
        }

        if (from > 0)
        {
            context.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        }

        byte[] rest = bytes[from..];
        var answer = rest.Length > atMost ? Truncated(rest, atMost, from > 0 ? 206 : 200) : Bytes(rest, from > 0 ? 206 : 200);
        await answer(context);
    };

    /// <summary>A stream of server-sent events that ends, or that is cut off.</summary>
    public static RequestDelegate Events(string text, bool cut = false, bool hang = false) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.ContentLength = cut ? long.MaxValue : null;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await context.Response.Body.FlushAsync();
        if (hang)
        {
            await Silence()(context);
        }
    };

    public static string Event(JobEvent happened, long sequence) =>
        $"id: {sequence}\nevent: {happened.Kind}\ndata: {happened.ToData()}\n\n";

    public static string State(long sequence, JobState state) => Event(new JobStateEvent { State = state }, sequence);

    public static string Progress(long sequence, long done) =>
        Event(new JobProgressEvent { Progress = new JobProgress(done, 10) }, sequence);
}
