using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>The queues. Tenants see those that they may use, and of tenants only themselves.</summary>
public sealed class QueueEndpoints(SchedulerRegions regions, SchedulerSettings settings)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(ApiRoutes.Queues, (Delegate)ListAsync)
        .WithSummary("Lists the queues with what each uses.").Produces<QueueList>();

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var caller = Caller.Of(context).Require(TicketRole.Operator, TicketRole.Tenant);
        var list = await AskAsync(context);
        if (caller.Role != TicketRole.Operator)
        {
            list = new QueueList
            {
                Queues = [.. list.Queues.Where(queue => settings.Queues.Find(queue.Name)?.Admits(caller.Tenant) == true)
                    .Select(queue => queue with
                    {
                        Tenants = [.. queue.Tenants.Where(tenant => tenant.Tenant == caller.Tenant)],
                    })],
            };
        }

        return Results.Json(list, ApiJsonContext.Default.QueueList);
    }

    private async Task<QueueList> AskAsync(HttpContext context)
    {
        try
        {
            return await regions.Queues.Ask<QueueList>(
                new ShardingEnvelope(settings.Pool, new GetQueues()), AnswerTimeout, context.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable($"The queue of pool '{settings.Pool}' did not answer in time; try again.");
        }
    }
}
