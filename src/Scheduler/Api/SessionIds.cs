using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Api;

/// <summary>The session that a request's path and ticket name.</summary>
internal static class SessionIds
{
    /// <summary><c>TENANT/JOBID</c>; an id that no job can have is refused as one that no job has.</summary>
    public static string Of(HttpContext context, string jobId)
    {
        var tenant = Caller.Of(context).TenantOf(context);
        return Names.IsId(jobId)
            ? $"{tenant}/{jobId}"
            : throw ApiProblemException.NotFound("There is no such job.");
    }
}
