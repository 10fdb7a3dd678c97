using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Actors;

/// <summary>Ends all attempts and tells the scheduler; answered by <see cref="LeftCluster"/>.</summary>
public sealed record LeaveCluster;

/// <summary>Asks how the worker is; answered by <see cref="Shared.Api.Health"/>.</summary>
public sealed record GetHealth;

/// <summary>The worker holds nothing any more.</summary>
public sealed record LeftCluster;

/// <summary>A message that a child wants the scheduler's sessions to have; dropped while there is no scheduler.</summary>
internal sealed record ToSessions(ISessionMessage Message);

/// <summary>A scheduler was found: ends that were not acknowledged are to be sent again.</summary>
internal sealed record SchedulerFound;

/// <summary>All attempts must end, because the lease did or the worker stops.</summary>
internal sealed record EndAttempts(string Kind, string Reason);

/// <summary>An attempt's end was acknowledged: nothing of it is left.</summary>
internal sealed record AttemptForgotten(HeldAttempt Attempt);
