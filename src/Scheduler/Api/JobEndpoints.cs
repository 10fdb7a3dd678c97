using System.Text.Json;
using GpuActors.Actors;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Scheduler.Blobs;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Api;

/// <summary>Jobs over HTTP: submit, get, list, cancel, outputs. Each is one question to a session's actor.</summary>
public sealed class JobEndpoints(
    SchedulerRegions regions, IEventStore store, BlobStore blobs, Admission admission, HttpApiSettings settings)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(ApiRoutes.Jobs, (Delegate)SubmitAsync)
            .WithSummary("Submits a job; the answer comes when the job is durable.")
            .Accepts<JsonElement>("application/json", "application/x-www-form-urlencoded") // what curl -d says
            .Produces<JobStatus>(StatusCodes.Status202Accepted)
            .Produces<JobStatus>()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415)
            .ProducesProblem(429).ProducesProblem(503);
        routes.MapGet(ApiRoutes.Jobs, (Delegate)ListAsync)
            .WithSummary("Lists jobs, newest first (?state=&limit=&after=&tenant=).").Produces<JobList>();
        routes.MapGet(ApiRoutes.Job, (Delegate)GetAsync)
            .WithSummary("Tells of one job; with ?wait=30s when it has ended.").Produces<JobStatus>().ProducesProblem(404);
        routes.MapPost(ApiRoutes.JobCancel, (Delegate)CancelAsync)
            .WithSummary("Ends a job.").Produces<JobStatus>().ProducesProblem(404);
        routes.MapGet(ApiRoutes.JobDocument, (Delegate)DocumentAsync)
            .WithSummary("The document as it was submitted.").Produces<JsonElement>().ProducesProblem(404);
        routes.MapGet(ApiRoutes.JobExplain, (Delegate)ExplainAsync)
            .WithSummary("Tells why a job is where it is, or why it waits and what would help.")
            .Produces<JobExplanation>().ProducesProblem(404);
        routes.MapGet(ApiRoutes.JobOutputs, (Delegate)OutputsAsync)
            .WithSummary("Lists a job's outputs.").Produces<JobOutputList>().ProducesProblem(404);
        routes.MapGet(ApiRoutes.JobOutput, (Delegate)OutputAsync)
            .WithSummary("One output's bytes; ranges are served.").Produces(200).Produces(206).ProducesProblem(404);
    }

    private async Task<IResult> SubmitAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        var body = await BodyReader.ReadAsync(
            context, (int)Math.Min(JobLimits.DocumentBytes, settings.MaxBodyBytes));
        var document = Parse(body);
        if (document.Interactive is not null)
        {
            throw ApiProblemException.InvalidDocument(
                [new FieldError("/interactive", $"is not for jobs: ask for a session with POST {ApiRoutes.Sessions}.")]);
        }

        var tenant = await admission.CheckAsync(caller, document, context.RequestAborted);
        var session = $"{tenant}/{document.Id}";
        await admission.RequireRoomAsync(session, tenant, document, context.RequestAborted);
        using var json = JsonDocument.Parse(body);
        var submit = new SubmitJob(session, tenant, json.RootElement.Clone()).With(document);
        var answer = await AskAsync<JobSubmitted>(submit, context);
        context.Response.Headers.Location = ApiRoutes.Job.Replace("{id}", document.Id, StringComparison.Ordinal)
            + (tenant == caller.Tenant ? "" : $"?tenant={tenant}");
        return answer.Result switch
        {
            SubmitResult.Accepted => Json(answer.Status, StatusCodes.Status202Accepted),
            SubmitResult.Existing => Json(answer.Status),
            _ => throw ApiProblemException.JobExists(
                $"Job '{document.Id}' of tenant '{tenant}' exists with another document; choose another id."),
        };
    }

    private async Task<IResult> GetAsync(HttpContext context, string id)
    {
        var session = SessionOf(context, id);
        if (QueryReader.Duration(context.Request, "wait", settings.MaxWait) is { } wait && wait > TimeSpan.Zero)
        {
            try
            {
                return Status(await regions.Sessions.Ask<object>(new AwaitJob(session), wait, context.RequestAborted));
            }
            catch (AskTimeoutException)
            {
                // It has not ended yet: the caller is told how it stands.
            }
        }

        return Status(await AskAsync<object>(new GetJob(session), context));
    }

    private async Task<IResult> CancelAsync(HttpContext context, string id)
    {
        var reason = $"Cancelled by {Caller.Of(context).Role.ToString().ToLowerInvariant()} of tenant {Caller.Of(context).Tenant}.";
        return Status(await AskAsync<object>(new CancelJob(SessionOf(context, id), reason), context));
    }

    private async Task<IResult> DocumentAsync(HttpContext context, string id) =>
        await AskAsync<object>(new GetDocument(SessionOf(context, id)), context) is JobDocumentFound found
            ? Results.Text(found.Document.GetRawText(), "application/json")
            : throw NoSuchJob(id);

    private async Task<IResult> ExplainAsync(HttpContext context, string id)
    {
        var status = await FindAsync(context, id);
        var found = await AskAsync<object>(new GetDocument(SessionOf(context, id)), context) as JobDocumentFound
            ?? throw NoSuchJob(id);
        var explanation = new JobExplanation
        {
            Id = status.Id, State = status.State, Slices = status.Slices, Summary = SummaryOf(status),
        };
        if (!status.State.IsTerminal())
        {
            var document = JobDocument.Parse(found.Document).GetDocumentOrThrow();
            var cell = new CellReader(regions, document.Gpu.Pool);
            var ask = new ExplainPlacement(
                SessionOf(context, id), document.Gpu, HostNeeds.Of(document, status.Tenant));
            var why = await cell.AskAsync<PlacementExplained>(ask, context);
            explanation = explanation with
            {
                Summary = why.Summary,
                Choice = why.Choice,
                Reasons = why.Reasons,
                Help = why.Help,
                Moves = why.Moves ?? [],
            };
        }

        return Results.Json(explanation, ApiJsonContext.Default.JobExplanation);
    }

    private static string SummaryOf(JobStatus status) =>
        $"It has ended: {status.State}.{(status.Error is { } error ? $" {error.Message}" : "")}";

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        var everyone = caller.Role == Shared.Security.TicketRole.Operator
            && QueryReader.Text(context.Request, "tenant") is null;
        var after = QueryReader.Text(context.Request, "after");
        EntityCursor? cursor = null;
        if (after is not null && !EntityCursor.TryParse(after, out cursor))
        {
            throw ApiProblemException.InvalidRequest("?after", "must be the 'next' of an earlier page.");
        }

        var limit = QueryReader.Number(context.Request, "limit", 100, 1, 1000);
        var rows = await store.ListEntitiesAsync(
            new EntityIndexQuery(SessionActor.IndexKind)
            {
                Tenant = everyone ? null : caller.TenantOf(context),
                Status = QueryReader.Choice<JobState>(context.Request, "state")?.ToString(),
                After = cursor,
                Limit = limit,
            },
            context.RequestAborted);
        var jobs = rows.Select(row =>
            JsonSerializer.Deserialize(row.Data.Span, ApiJsonContext.Default.JobStatus)!);
        var next = rows.Count == limit ? EntityCursor.Of(rows[^1]).ToString() : null;
        return Results.Json(new JobList { Jobs = [.. jobs], Next = next }, ApiJsonContext.Default.JobList);
    }

    private async Task<IResult> OutputsAsync(HttpContext context, string id)
    {
        var status = await FindAsync(context, id);
        return Results.Json(new JobOutputList { Outputs = status.Outputs }, ApiJsonContext.Default.JobOutputList);
    }

    private async Task<IResult> OutputAsync(HttpContext context, string id, string name)
    {
        var status = await FindAsync(context, id);
        var output = status.Outputs.FirstOrDefault(o => o.Name == name) ?? throw ApiProblemException.NotFound(
            status.State == JobState.Completed
                ? $"Job '{id}' has no output '{name}'; it has: {string.Join(", ", status.Outputs.Select(o => o.Name))}."
                : $"Job '{id}' has no outputs; it is {status.State}.");
        return await BlobEndpoints.ServeAsync(
            blobs, status.Tenant, output.Sha256, output.ContentType, context.RequestAborted);
    }

    private async Task<JobStatus> FindAsync(HttpContext context, string id) =>
        await AskAsync<object>(new GetJob(SessionOf(context, id)), context) as JobStatus ?? throw NoSuchJob(id);

    private async Task<T> AskAsync<T>(ISessionMessage question, HttpContext context)
    {
        try
        {
            return await regions.Sessions.Ask<T>(question, AnswerTimeout, context.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable("The session did not answer in time; try again.");
        }
    }

    private static JobDocument Parse(ReadOnlyMemory<byte> body)
    {
        var parsed = JobDocument.Parse(body.Span);
        return parsed.Document ?? throw ApiProblemException.InvalidDocument(
            [.. parsed.Problems.Select(p => new FieldError(p.Path, p.Message))]);
    }

    private static string SessionOf(HttpContext context, string id) => SessionIds.Of(context, id);

    private static IResult Status(object answer) => answer switch
    {
        JobStatus status => Json(status),
        NoSuchJob none => throw NoSuchJob(none.Session[(none.Session.IndexOf('/', StringComparison.Ordinal) + 1)..]),
        _ => throw new InvalidOperationException($"A session answered with {answer.GetType().Name}."),
    };

    private static ApiProblemException NoSuchJob(string id) => ApiProblemException.NotFound($"There is no job '{id}'.");

    private static IResult Json(JobStatus status, int code = StatusCodes.Status200OK) =>
        Results.Json(status, ApiJsonContext.Default.JobStatus, statusCode: code);
}
