namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>
/// Labels of jobs as the engine sees them, <c>TENANT/KEY=VALUE</c>: so that no tenant can see, or influence, where
/// another's jobs go. Names of tenants have no slash in them.
/// </summary>
internal static class TenantLabel
{
    private const char Separator = '/';

    /// <summary>A tenant's label.</summary>
    public static string Of(string tenant, string label) => $"{tenant}{Separator}{label}";

    /// <summary>The label as its tenant writes it.</summary>
    public static string WithoutTenant(string label) => label[(label.IndexOf(Separator, StringComparison.Ordinal) + 1)..];

    /// <summary>The tenant of a session's id, <c>TENANT/JOBID</c>.</summary>
    public static (string Tenant, string Job) Split(string session)
    {
        var slash = session.IndexOf(Separator, StringComparison.Ordinal);
        return (session[..Math.Max(0, slash)], session[(slash + 1)..]);
    }
}
