using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <summary>Everything that is known of a session; changed only by <see cref="Apply"/>.</summary>
public sealed record SessionState
{
    /// <summary>A session of which nothing has happened yet.</summary>
    public static readonly SessionState Empty = new();

    /// <summary>The job was accepted.</summary>
    public bool Exists => Accepted is not null;

    /// <summary>How it was accepted.</summary>
    public JobAccepted? Accepted { get; init; }

    /// <summary>Where it is in its life.</summary>
    public JobState Phase { get; init; }

    /// <summary>The current or last attempt's epoch; 0 before the first.</summary>
    public long Epoch { get; init; }

    /// <summary>The slices of the current or last attempt.</summary>
    public SliceGrant[] Slices { get; init; } = [];

    /// <summary>The slices are reserved still: an ended attempt has not been confirmed to be over.</summary>
    public bool HoldsSlices { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>Attempts that their worker gave up by no fault of the job.</summary>
    public int AttemptsLost { get; init; }

    /// <summary>Attempts that were lost with their host.</summary>
    public int HostLosses { get; init; }

    /// <summary>Attempts that were ended to make room for others.</summary>
    public int Preemptions { get; init; }

    /// <summary>For whom and why the last one was, until there is another.</summary>
    public string? Preempted { get; init; }

    /// <summary>Hosts on which attempts died.</summary>
    public string[] LostHosts { get; init; } = [];

    /// <summary>Where the client of an interactive session connects for the current or last attempt; null: nowhere.</summary>
    public SessionEndpoint? Endpoint { get; init; }

    /// <summary>When an executor first began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When anything last happened.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Why it failed, or why its last attempt was lost.</summary>
    public JobError? Error { get; init; }

    /// <summary>Outputs, once completed.</summary>
    public JobOutput[] Outputs { get; init; } = [];

    /// <summary>What its kernels printed; of an interactive session, why it has ended.</summary>
    public string Log { get; init; } = "";

    /// <summary>It has ended, one way or another.</summary>
    public bool Ended => Phase is JobState.Completed or JobState.Failed or JobState.Cancelled;

    /// <summary>It waits for slices.</summary>
    public bool Waiting => Exists && Phase is JobState.Queued or JobState.Recovering;

    /// <summary>The state after <paramref name="happened"/>.</summary>
    public SessionState Apply(ISessionEvent happened) => (happened switch
    {
        JobAccepted e => this with { Accepted = e, Phase = JobState.Queued },
        SessionPlaced e => this with
        {
            Phase = JobState.Placed,
            Epoch = e.Epoch,
            Slices = e.Slices,
            HoldsSlices = true,
            Preempted = null,
            Endpoint = null,
            Attempts = Attempts + 1,
        },
        SessionStarted e => this with { Phase = JobState.Running, StartedAt = StartedAt ?? e.At, Endpoint = e.Endpoint },
        AttemptLost e => this with
        {
            Phase = JobState.Recovering,
            HoldsSlices = false,
            AttemptsLost = AttemptsLost + (SessionRules.IsHostLoss(e.Error) ? 0 : 1),
            HostLosses = HostLosses + (SessionRules.IsHostLoss(e.Error) ? 1 : 0),
            LostHosts = [.. LostHosts.Append(e.Host).Distinct(StringComparer.Ordinal)],
            Error = e.Error,
            StartedAt = e.StartedAt ?? StartedAt,
        },
        AttemptPreempted e => this with
        {
            Phase = JobState.Queued,
            HoldsSlices = false,
            Preemptions = Preemptions + 1,
            Preempted = e.Reason,
            StartedAt = e.StartedAt ?? StartedAt,
        },
        SessionCompleted e => End(JobState.Completed, e.At, e.StartedAt) with
        {
            HoldsSlices = false, Outputs = e.Outputs, Log = e.Log, Error = null,
        },
        SessionFailed e => End(JobState.Failed, e.At, e.StartedAt) with { HoldsSlices = false, Error = e.Error, Log = e.Log },
        SessionCancelled e => End(JobState.Cancelled, e.At, e.StartedAt) with
        {
            Error = new JobError { Kind = "cancelled", Message = e.Reason },
        },
        SessionReleased e => End(JobState.Completed, e.At, e.StartedAt) with { Log = e.Reason, Error = null },
        SlicesGivenBack => this with { HoldsSlices = false },
        _ => throw new ArgumentException($"Unknown session event {happened.GetType().Name}."),
    }) with
    { UpdatedAt = happened.At };

    private SessionState End(JobState phase, DateTimeOffset at, DateTimeOffset? startedAt) =>
        this with { Phase = phase, EndedAt = at, StartedAt = startedAt ?? StartedAt };
}
