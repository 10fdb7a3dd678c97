using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>The actors of this node, as seen from outside. For operators.</summary>
public sealed class ActorEndpoints(ActorSystem system)
{
    private const int MaxListed = 10_000;
    private const int MaxDepth = 20;

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Actors, (Delegate)List)
            .WithSummary("Lists actors of the node that answers (?path=&depth=&limit=).")
            .Produces<ActorList>().ProducesProblem(404);
        routes.MapGet(ApiRoutes.QuarantinedActors, (Delegate)ListQuarantined)
            .WithSummary("Lists actors of the node that answers that are not started: their journal can't be read.")
            .Produces<QuarantinedActorList>();
    }

    private IResult List(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var path = QueryReader.Text(context.Request, "path") ?? "/";
        var depth = QueryReader.Number(context.Request, "depth", 1, 0, MaxDepth);
        var limit = QueryReader.Number(context.Request, "limit", 1_000, 1, MaxListed);
        var top = ActorInspection.Find(system, path)
            ?? throw ApiProblemException.NotFound($"This node has no actor '{path}'; begin at '/'.");
        var below = ActorInspection.List(system, path, depth, limit + 1);
        return Results.Json(
            new ActorList
            {
                Actors = [.. below.Take(limit).Prepend(top).Select(Described)],
                More = below.Count > limit,
            },
            ApiJsonContext.Default.ActorList);
    }

    private IResult ListQuarantined(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var actors = system.GetExtension<PersistenceExtension>().Quarantine.Actors.Select(actor => new QuarantinedActorStatus
        {
            PersistenceId = actor.PersistenceId,
            Path = actor.Path.ToStringWithoutAddress(),
            Problem = actor.Problem,
            Since = actor.Since,
        });
        return Results.Json(new QuarantinedActorList { Actors = [.. actors] }, ApiJsonContext.Default.QuarantinedActorList);
    }

    private static ActorStatus Described(ActorInfo actor) => new()
    {
        Path = actor.Path.ToStringWithoutAddress(),
        Type = actor.ActorType,
        Activity = actor.Activity.ToString().ToLowerInvariant(),
        Waiting = actor.Waiting,
        Children = actor.Children,
    };
}
