using System.Net;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;
using Microsoft.AspNetCore.Http;

namespace GpuActors.Node.Metrics;

/// <summary>
/// Who may read a worker's metrics. They name tenants and jobs, so whoever comes over the network shows a ticket of
/// role monitor or operator; on a loopback address those on the machine are trusted.
/// </summary>
internal static class MetricsAccess
{
    private const string Scheme = "Bearer ";

    /// <summary>Whether only this machine reaches an address that is listened on.</summary>
    public static bool IsLoopback(string host) =>
        host == "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Why the caller may not read; null if it may.</summary>
    public static ApiProblem? Refusal(HttpRequest request, TicketAuthority tickets)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Unauthenticated(
                "Send the header 'Authorization: Bearer TICKET' with a ticket of role monitor or operator.");
        }

        var verdict = tickets.Verify(header.AsSpan(Scheme.Length).Trim());
        return verdict.Ticket is not { } ticket ? Unauthenticated(verdict.Reason)
            : ticket.Role is TicketRole.Monitor or TicketRole.Operator ? null
            : new ApiProblem
            {
                Type = ProblemTypes.Forbidden,
                Title = "The ticket does not allow this.",
                Status = StatusCodes.Status403Forbidden,
                Detail = $"A ticket of role {ticket.Role} may not read metrics.",
            };
    }

    private static ApiProblem Unauthenticated(string detail) => new()
    {
        Type = ProblemTypes.Unauthenticated,
        Title = "A valid ticket is needed.",
        Status = StatusCodes.Status401Unauthorized,
        Detail = detail,
    };
}
