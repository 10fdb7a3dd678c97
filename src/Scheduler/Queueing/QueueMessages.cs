namespace GpuActors.Scheduler.Queueing;

/// <summary>A session wants slices. Sent again now and then while it waits, so that a lost queue fills again.</summary>
public sealed record EnqueueSession(WaitingSession Waiting);

/// <summary>A session does not want slices any more.</summary>
public sealed record WithdrawSession(string Session);

/// <summary>Asks how many wait; answered by <see cref="QueueLength"/>.</summary>
public sealed record GetQueueLength;

/// <summary>How many sessions wait in a pool.</summary>
public sealed record QueueLength(string Pool, int Waiting);

/// <summary>Asks for the queues and what they use; answered by <see cref="Shared.Api.QueueList"/>.</summary>
public sealed record GetQueues;

/// <summary>Asks how many sessions of a tenant wait in a queue; answered by <see cref="WaitingCount"/>.</summary>
public sealed record CountWaiting(string Queue, string Tenant);

/// <summary>How many sessions of a tenant wait in a queue.</summary>
public sealed record WaitingCount(int Waiting);
