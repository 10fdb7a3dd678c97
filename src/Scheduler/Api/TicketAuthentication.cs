using GpuActors.Shared.Api;
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

        context.Features.Set(new Caller(ticket.Tenant, ticket.Role));
        return next(context);
    }

    private static bool IsOpen(PathString path) => path == ApiRoutes.Health || path.StartsWithSegments("/openapi");
}
