using GpuActors.Scheduler.Sessions;

namespace GpuActors.Scheduler;

/// <summary>
/// Under which tags an audit finds events: <c>tenant:NAME</c> has the jobs that a tenant sent and how they ended,
/// <c>host:NAME</c> what was placed on a host and lost there, and its leases.
/// </summary>
internal static class EventTags
{
    /// <summary>The tags of a session's event.</summary>
    /// <param name="tenant">Whose session it is.</param>
    /// <param name="happened">The event.</param>
    public static IReadOnlyList<string> Of(string tenant, ISessionEvent happened) => happened switch
    {
        JobAccepted or SessionCompleted or SessionFailed or SessionCancelled or SessionReleased => [$"tenant:{tenant}"],
        SessionPlaced placed => [.. placed.Slices.Select(slice => OfHost(slice.Host)).Distinct()],
        AttemptPreempted preempted => [OfHost(preempted.Host)],
        AttemptLost lost => [OfHost(lost.Host)],
        _ => [],
    };

    /// <summary>The tag of what concerns a host.</summary>
    public static string OfHost(string host) => $"host:{host}";
}
