using GpuActors.Shared.Jobs;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>Who calls, as the ticket says.</summary>
/// <param name="Tenant">For whom.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Subject">Who it was made out to.</param>
public sealed record Caller(string Tenant, TicketRole Role, string Subject = "")
{
    /// <summary>The caller of a request that has passed <see cref="TicketAuthentication"/>.</summary>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw ApiProblemException.Unauthenticated("There is no ticket.");

    /// <summary>
    /// The tenant that a request is about: the caller's own, or the one that an operator or a worker names in
    /// <c>?tenant=</c>.
    /// </summary>
    public string TenantOf(HttpContext context)
    {
        if (QueryReader.Text(context.Request, "tenant") is not { } wanted || wanted == Tenant)
        {
            return Tenant;
        }

        if (!Names.IsId(wanted))
        {
            throw ApiProblemException.InvalidRequest("?tenant", "must be 1 to 100 letters, digits, . _ or -");
        }

        return Role is TicketRole.Operator or TicketRole.Worker
            ? wanted
            : throw ApiProblemException.Forbidden($"The ticket is for tenant '{Tenant}', not '{wanted}'.");
    }

    /// <summary>Whether the caller may know of a session, <c>TENANT/JOBID</c>.</summary>
    public bool MaySee(string session) =>
        Role == TicketRole.Operator || session.StartsWith(Tenant + "/", StringComparison.Ordinal);

    /// <summary>Refuses callers that are not of <paramref name="roles"/>.</summary>
    public Caller Require(params ReadOnlySpan<TicketRole> roles) => roles.Contains(Role)
        ? this
        : throw ApiProblemException.Forbidden($"A ticket of role {Role} may not do this.");
}
