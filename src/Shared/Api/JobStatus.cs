using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Api;

/// <summary>What the API tells of one job: the answer of a submission, a query, a cancel, and an item of a list.</summary>
public sealed record JobStatus
{
    /// <summary>The id that the client chose; unique within its tenant.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant that the job belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>Where the job is on its way.</summary>
    public required JobState State { get; init; }

    /// <summary>Why the job waits, was moved or ended, as a sentence; null when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that it is charged to.</summary>
    public string? Queue { get; init; }

    /// <summary>Normal, or a scavenger.</summary>
    public JobClass Class { get; init; }

    /// <summary>How often it had to leave its GPUs for others; this uses up no retry.</summary>
    public int Preemptions { get; init; }

    /// <summary>Number of the current or last attempt, from 1; 0 while the job was never placed.</summary>
    public int Attempt { get; init; }

    /// <summary>Epoch of the current or last attempt; 0 while the job was never placed.</summary>
    public long Epoch { get; init; }

    /// <summary>What the current attempt holds; empty when nothing is held.</summary>
    public IReadOnlyList<PlacedSlice> Slices { get; init => field = value ?? []; } = [];

    /// <summary>Steps done of steps to do in the current or last attempt.</summary>
    public JobProgress Progress { get; init; }

    /// <summary>When the job was durably accepted.</summary>
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When the first step of the current or last attempt began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the job reached a terminal state.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What went wrong; only when <see cref="State"/> is <see cref="JobState.Failed"/>.</summary>
    public JobError? Error { get; init; }

    /// <summary>The results; empty until the job is completed.</summary>
    public IReadOnlyList<JobOutput> Outputs { get; init => field = value ?? []; } = [];

    /// <summary>The document's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? NoLabels; } = NoLabels;

    private static readonly Dictionary<string, string> NoLabels = [];
}

/// <summary>A page of jobs, newest first.</summary>
public sealed record JobList
{
    /// <summary>The jobs of this page.</summary>
    public IReadOnlyList<JobStatus> Jobs { get; init => field = value ?? []; } = [];

    /// <summary>What to give as <c>after</c> to get the next page; null on the last one.</summary>
    public string? Next { get; init; }
}
