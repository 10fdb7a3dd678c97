using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Security;
using Microsoft.Net.Http.Headers;

namespace GpuActors.Scheduler.Api;

/// <summary>Middleware that lets only requests with a valid ticket through, and notes who calls.</summary>
public sealed class TicketAuthentication(RequestDelegate next, TicketAuthority tickets)
{
    private const string Scheme = "Bearer ";

    /// <summary>Runs the rest of the pipeline for a caller with a valid ticket.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (IsOpen(context.Request.Path))
        {
            return next(context);
        }

        var header = context.Request.Headers[HeaderNames.Authorization].ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw ApiProblemException.Unauthenticated(
                "Send the header 'Authorization: Bearer TICKET'; an operator makes tickets with 'pbm ticket create'.");
        }

        var verdict = tickets.Verify(header.AsSpan(Scheme.Length).Trim());
        if (verdict.Ticket is not { } ticket)
        {
            throw ApiProblemException.Unauthenticated(verdict.Reason);
        }

        if (!Names.IsId(ticket.Tenant))
        {
            throw ApiProblemException.Unauthenticated("The ticket's tenant is not 1 to 100 letters, digits, . _ or -.");
        }

        RequireRoleFor(context.Request.Path, ticket.Role);
        context.Features.Set(new Caller(ticket.Tenant, ticket.Role, ticket.Subject));
        return next(context);
    }

    /// <summary>What workers, scrapers and sessions carry opens nothing that they have no use for.</summary>
    private static void RequireRoleFor(PathString path, TicketRole role)
    {
        var allowed = role switch
        {
            TicketRole.Operator or TicketRole.Tenant => true,
            TicketRole.Worker => path.StartsWithSegments(ApiRoutes.Blobs),
            TicketRole.Monitor => path == ApiRoutes.Metrics,
            _ => false,
        };
        if (!allowed)
        {
            throw ApiProblemException.Forbidden($"A ticket of role {role} may not do this.");
        }
    }

    private static bool IsOpen(PathString path) => path == ApiRoutes.Health || path.StartsWithSegments("/openapi");
}
