using GpuActors.Node.Metrics;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// Metrics of this node. They name tenants and their jobs, so they need a ticket: an operator's, or better one of role
/// monitor, which is good for nothing else. Loopback is no exception: behind a proxy on this machine all callers are.
/// </summary>
public sealed class MetricsEndpoints(NodeMetrics metrics)
{
    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(ApiRoutes.Metrics, (Delegate)ReadAsync)
        .WithSummary("The metrics of the node that answers, in Prometheus' text format; for monitors and operators.")
        .Produces<string>(StatusCodes.Status200OK, "text/plain");

    private Task ReadAsync(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Monitor, TicketRole.Operator);
        return MetricsResponse.WriteAsync(context, metrics);
    }
}
