using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>Requests and answers as tests write and read them.</summary>
internal static class Http
{
    private const string Json = "application/json";

    /// <summary>A document with one launch, that waits for a GPU for ever where there is none.</summary>
    public static string Document(string id, string extra = "", string gpu = "\"whole\": true") => $$"""
        {
          "id": "{{id}}", {{extra}}
          "gpu": { {{gpu}} },
          "programs": { "main": { "source": "kernel void k(global int* b) { b[0] = 1; }" } },
          "buffers": { "b": { "size": 4096 } },
          "steps": [{ "launch": { "kernel": "k", "global": 64, "args": ["b"] } }]
        }
        """;

    public static StringContent Content(string text, string type = Json) => new(text, Encoding.UTF8, type);

    public static Task<HttpResponseMessage> SubmitAsync(this HttpClient client, string document) =>
        client.PostAsync(ApiRoutes.Jobs, Content(document));

    public static async Task<T> ReadAsync<T>(
        this HttpResponseMessage response, HttpStatusCode status, JsonTypeInfo<T> type)
        where T : class
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        return JsonSerializer.Deserialize(text, type).ShouldNotBeNull();
    }

    public static Task<JobStatus> StatusAsync(this HttpResponseMessage response, HttpStatusCode status) =>
        response.ReadAsync(status, ApiJsonContext.Default.JobStatus);

    /// <summary>The problem that the answer must be.</summary>
    public static async Task<ApiProblem> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var problem = await response.ReadAsync(status, ApiJsonContext.Default.ApiProblem);
        response.Content.Headers.ContentType.ShouldNotBeNull().MediaType.ShouldBe(ApiProblem.ContentType);
        problem.Status.ShouldBe((int)status);
        problem.Title.ShouldNotBeNullOrEmpty();
        return problem;
    }

    /// <summary>The problem that the answer must be, about the field at <paramref name="path"/>.</summary>
    public static async Task<FieldError> FieldProblemAsync(
        this HttpResponseMessage response, HttpStatusCode status, string path)
    {
        var problem = await response.ProblemAsync(status);
        problem.Detail.ShouldNotBeNullOrEmpty();
        return problem.Errors.FirstOrDefault(error => error.Path == path)
            .ShouldNotBeNull($"no error at {path}: {string.Join("; ", problem.Errors)}");
    }
}
