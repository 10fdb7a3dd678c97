namespace GpuActors.Scheduler.Api;

/// <summary>The session that a request's path and ticket name.</summary>
internal static class SessionIds
{
    private const int MaxLength = 100;

    /// <summary><c>TENANT/JOBID</c>; an id that no job can have is refused as one that no job has.</summary>
    public static string Of(HttpContext context, string jobId)
    {
        var tenant = Caller.Of(context).TenantOf(context);
        return IsName(jobId) && IsName(tenant)
            ? $"{tenant}/{jobId}"
            : throw ApiProblemException.NotFound("There is no such job.");
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
