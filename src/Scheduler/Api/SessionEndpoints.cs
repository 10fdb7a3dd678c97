using System.Text.Json;
using GpuActors.Actors;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// Interactive sessions over HTTP: request, get, list, end. They wait and are placed as jobs are; whoever may use one
/// that runs gets a grant with its status.
/// </summary>
public sealed class SessionEndpoints(
    SchedulerRegions regions, IEventStore store, Admission admission, SessionGrants grants, HttpApiSettings settings)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Below the time within which somebody must ask again for a session that waits.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(45);

    private static readonly JobState?[] OpenStates =
        [.. Enum.GetValues<JobState>().Where(state => !state.IsTerminal()).Cast<JobState?>()];

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(ApiRoutes.Sessions, (Delegate)RequestAsync)
            .WithSummary(
                "Asks for an interactive session; the answer comes when the request is durable, with ?wait=1s when it can be used.")
            .Accepts<JsonElement>("application/json", "application/x-www-form-urlencoded") // what curl -d says
            .Produces<SessionStatus>(StatusCodes.Status202Accepted)
            .Produces<SessionStatus>()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(429).ProducesProblem(503);
        routes.MapGet(ApiRoutes.Sessions, (Delegate)ListAsync)
            .WithSummary("Lists sessions that have not ended, newest first (?all=&state=&limit=&after=&tenant=).")
            .Produces<SessionList>();
        routes.MapGet(ApiRoutes.Session, (Delegate)GetAsync)
            .WithSummary(
                "Tells of one session; with ?wait=30s&after=STATE when its state is another or it waits for another reason.")
            .Produces<SessionStatus>().ProducesProblem(404);
        routes.MapDelete(ApiRoutes.Session, (Delegate)EndAsync)
            .WithSummary("Ends a session.").Produces<SessionStatus>().ProducesProblem(404);
    }

    private async Task<IResult> RequestAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        var wait = WaitOf(context);
        var body = SessionRequestBody.Complete(await BodyReader.ReadAsync(
            context, (int)Math.Min(JobLimits.DocumentBytes, settings.MaxBodyBytes)));
        var parsed = JobDocument.Parse(body.Span);
        var document = parsed.Document ?? throw ApiProblemException.InvalidDocument(
            [.. parsed.Problems.Select(p => new FieldError(p.Path, p.Message))]);
        var tenant = await admission.CheckAsync(caller, document, context.RequestAborted);
        var session = $"{tenant}/{document.Id}";
        await admission.RequireRoomAsync(session, tenant, document, context.RequestAborted);
        using var json = JsonDocument.Parse(body);
        var submitted = await AskAsync<JobSubmitted>(
            new SubmitJob(session, tenant, json.RootElement.Clone()).With(document), context);
        if (submitted.Result == SubmitResult.Conflict)
        {
            throw ApiProblemException.JobExists(
                $"'{document.Id}' of tenant '{tenant}' is another job or session; choose another id.");
        }

        context.Response.Headers.Location = ApiRoutes.Session.Replace("{id}", document.Id, StringComparison.Ordinal)
            + (tenant == caller.Tenant ? "" : $"?tenant={tenant}");
        var found = await AskAsync(new AwaitSession(session, After: null, UntilUsable: true), wait, context);
        return Status(context, found, document.Id, submitted.Result == SubmitResult.Accepted
            ? StatusCodes.Status202Accepted
            : StatusCodes.Status200OK);
    }

    private async Task<IResult> GetAsync(HttpContext context, string id)
    {
        var session = SessionIds.Of(context, id);
        var after = QueryReader.Choice<JobState>(context.Request, "after");
        return Status(context, await AskAsync(new AwaitSession(session, after), WaitOf(context), context), id);
    }

    private async Task<IResult> EndAsync(HttpContext context, string id)
    {
        var caller = Caller.Of(context);
        var reason = $"Released by {caller.Role.ToString().ToLowerInvariant()} of tenant {caller.Tenant}.";
        var end = new EndSession(SessionIds.Of(context, id), reason);
        return Status(context, await AskAsync<object>(end, context), id);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        var everyone = caller.Role == TicketRole.Operator && QueryReader.Text(context.Request, "tenant") is null;
        var after = QueryReader.Text(context.Request, "after");
        EntityCursor? cursor = null;
        if (after is not null && !EntityCursor.TryParse(after, out cursor))
        {
            throw ApiProblemException.InvalidRequest("?after", "must be the 'next' of an earlier page.");
        }

        var query = new EntityIndexQuery(SessionActor.InteractiveIndexKind)
        {
            Tenant = everyone ? null : caller.TenantOf(context),
            After = cursor,
            Limit = QueryReader.Number(context.Request, "limit", 100, 1, 1000),
        };
        var rows = await PageAsync(query, StatesOf(context), context.RequestAborted);
        var sessions = rows.Select(row =>
            JsonSerializer.Deserialize(row.Data.Span, ApiJsonContext.Default.SessionStatus)!);
        var next = rows.Count == query.Limit ? EntityCursor.Of(rows[^1]).ToString() : null;
        return Results.Json(
            new SessionList { Sessions = [.. sessions], Next = next }, ApiJsonContext.Default.SessionList);
    }

    /// <summary>The states to list; null stands for all.</summary>
    private static JobState?[] StatesOf(HttpContext context)
    {
        if (QueryReader.Choice<JobState>(context.Request, "state") is { } state)
        {
            return [state];
        }

        return QueryReader.Text(context.Request, "all") switch
        {
            null or "false" => OpenStates,
            "true" => [null],
            _ => throw ApiProblemException.InvalidRequest("?all", "must be true or false."),
        };
    }

    /// <summary>The newest of several states: each is asked for by its own index, and what is newest of all is kept.</summary>
    private async Task<List<EntityIndexEntry>> PageAsync(
        EntityIndexQuery query, JobState?[] states, CancellationToken cancellationToken)
    {
        var rows = new List<EntityIndexEntry>();
        foreach (var state in states)
        {
            rows.AddRange(await store.ListEntitiesAsync(query with { Status = state?.ToString() }, cancellationToken));
        }

        return [.. rows.OrderByDescending(row => row.CreatedAt.ToUnixTimeMilliseconds())
            .ThenByDescending(row => row.Id, StringComparer.Ordinal).Take(query.Limit)];
    }

    /// <summary>How long the caller wants to wait for news.</summary>
    private TimeSpan WaitOf(HttpContext context)
    {
        var longest = settings.MaxWait < LongestWait ? settings.MaxWait : LongestWait;
        return QueryReader.Duration(context.Request, "wait", longest) ?? TimeSpan.Zero;
    }

    /// <summary>What is awaited, or how the session stands when the wait is over.</summary>
    private async Task<object> AskAsync(AwaitSession news, TimeSpan wait, HttpContext context)
    {
        if (wait > TimeSpan.Zero)
        {
            try
            {
                return await regions.Sessions.Ask<object>(news, wait, context.RequestAborted);
            }
            catch (AskTimeoutException)
            {
                // Nothing has changed: the caller is told how it stands.
            }
        }

        return await AskAsync<object>(new GetSession(news.Session), context);
    }

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

    private IResult Status(HttpContext context, object answer, string id, int code = StatusCodes.Status200OK)
    {
        // A grant is a secret.
        context.Response.Headers.CacheControl = "no-store";
        return answer switch
        {
            SessionFound found => Results.Json(
                found.Status with { Grant = grants.For(Caller.Of(context), found) },
                ApiJsonContext.Default.SessionStatus,
                statusCode: code),
            NoSuchJob => throw ApiProblemException.NotFound($"There is no session '{id}'."),
            _ => throw new InvalidOperationException($"A session answered with {answer.GetType().Name}."),
        };
    }
}
