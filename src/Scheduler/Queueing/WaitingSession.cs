using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>A session that waits for slices.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Priority">Higher is served first.</param>
/// <param name="SubmittedAt">Earlier is served first among equals; kept when the session has to wait again.</param>
/// <param name="Avoid">Hosts to use only if nothing else fits.</param>
public sealed record WaitingSession(
    string Session, GpuRequest Request, int Priority, DateTimeOffset SubmittedAt, string[] Avoid);
