using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>Makes out what lets a program use a session that runs.</summary>
public sealed class SessionGrants(TicketAuthority tickets, TimeProvider time)
{
    /// <summary>Whoever needs a session for longer gets another ticket with its status.</summary>
    private static readonly TimeSpan LongestTicket = TimeSpan.FromHours(24);

    private static readonly TimeSpan ShortestTicket = TimeSpan.FromSeconds(1);

    /// <summary>What a ticket for a session is confined to: <c>TENANT/ID@EPOCH</c>.</summary>
    public static string ScopeOf(string session, long epoch) => $"{session}@{epoch}";

    /// <summary>The grant for a caller who may see the session; null while there is nothing to use.</summary>
    public SessionGrant? For(Caller caller, SessionFound found)
    {
        var (status, endpoint) = (found.Status, found.Endpoint);
        if (endpoint is null || status.State != JobState.Running || status.Slices.Count == 0)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var left = found.EndsAt - now ?? LongestTicket;
        var lifetime = left < LongestTicket ? left : LongestTicket;
        if (lifetime < ShortestTicket)
        {
            return null;
        }

        var session = $"{status.Tenant}/{status.Id}";
        var subject = caller.Subject.Length > 0 ? caller.Subject : caller.Tenant;
        return new SessionGrant
        {
            Session = session,
            Epoch = status.Epoch,
            Ticket = tickets.Issue(
                subject, status.Tenant, TicketRole.Session, lifetime, ScopeOf(session, status.Epoch)),
            ExpiresAt = now + lifetime,
            Devices =
            [
                .. status.Slices.Select(slice => new GrantedDevice
                {
                    Slice = slice.Slice,
                    Address = endpoint.Address,
                    Fingerprint = endpoint.Fingerprint,
                    LocalSocket = endpoint.LocalSocket,
                    Machine = endpoint.Machine,
                }),
            ],
        };
    }
}
