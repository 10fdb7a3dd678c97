using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>A session that waits for slices.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Priority">Higher is served first.</param>
/// <param name="SubmittedAt">Earlier is served first among equals; kept when the session has to wait again.</param>
/// <param name="Avoid">Hosts to use only if nothing else fits.</param>
public sealed record WaitingSession(
    string Session, GpuRequest Request, int Priority, DateTimeOffset SubmittedAt, string[] Avoid)
{
    /// <summary>What of it counts while it runs as well.</summary>
    public QueueTerms Terms { get; init => field = value ?? QueueTerms.Default; } = QueueTerms.Default; // null: an older node

    /// <summary>It must have begun by then; null: whenever.</summary>
    public DateTimeOffset? LatestStart { get; init; }

    /// <summary>The epoch of its last attempt; 0 before the first.</summary>
    public long LastEpoch { get; init; }

    /// <summary>The gang that it is a member of; null: none.</summary>
    public GangTicket? Gang { get; init; }

    /// <summary>Processors and memory of the host that it takes beside GPUs.</summary>
    public ResourceVector HostDemand { get; init; }

    /// <summary>What it asks of its host and of its neighbours there.</summary>
    public HostNeeds Needs { get; init => field = value ?? HostNeeds.Nothing; } = HostNeeds.Nothing; // null: an older node
}

/// <summary>What a queue must know of a session while it waits and while it runs.</summary>
public sealed record QueueTerms
{
    /// <summary>The least that is known of a session: normal, in the default queue.</summary>
    public static QueueTerms Default { get; } = new();

    /// <summary>Whose it is.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The queue that it is charged to.</summary>
    public string Queue { get; init; } = QueueSpec.DefaultName;

    /// <summary>Normal, or one that uses what is idle.</summary>
    public JobClass Class { get; init; }

    /// <summary>Higher is served first.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// Those of higher priority may take its place; null: only what it has borrowed may be taken from it; false: not
    /// even that, so that it does not borrow.
    /// </summary>
    public bool? Preemptible { get; init; }

    /// <summary>How long it may go on when it has to yield.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>The longest that it runs; null: not known.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>It is a member of a gang, which is not taken apart: it is not preempted, and so does not borrow.</summary>
    public bool InGang { get; init; }
}

/// <summary>Which gang a session is a member of: all of them are served, or none.</summary>
/// <param name="Name">Unique among the gangs of its tenant.</param>
/// <param name="Size">Its members.</param>
public sealed record GangTicket(string Name, int Size);
