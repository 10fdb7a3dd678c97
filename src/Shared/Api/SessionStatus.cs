using System.Text.Json;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Api;

/// <summary>What the API tells of one interactive session.</summary>
public sealed record SessionStatus
{
    /// <summary>Its id; unique among the sessions and jobs of its tenant.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant that it belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>Where it is on its way.</summary>
    public required JobState State { get; init; }

    /// <summary>Why it waits, or why it ended, as a sentence; null when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>How much GPU was asked for, as in the request.</summary>
    public JsonElement? Gpu { get; init; }

    /// <summary>What it holds; empty when nothing is held.</summary>
    public IReadOnlyList<PlacedSlice> Slices { get; init => field = value ?? []; } = [];

    /// <summary>The host that it runs on or ran on last; null: it had none yet.</summary>
    public string? Host { get; init; }

    /// <summary>Epoch of the current or last attempt; 0 while it was never placed.</summary>
    public long Epoch { get; init; }

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that it is charged to.</summary>
    public string? Queue { get; init; }

    /// <summary>Normal, or a scavenger.</summary>
    public JobClass Class { get; init; }

    /// <summary>When it was durably accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it could first be used.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What went wrong; only when <see cref="State"/> is <see cref="JobState.Failed"/>.</summary>
    public JobError? Error { get; init; }

    /// <summary>What lets a program use it; only while it runs, and for those who may.</summary>
    public SessionGrant? Grant { get; init; }

    /// <summary>What its program does over the network; only where that was asked for as well (<c>GET /v1/usage</c>).</summary>
    public NetworkUsageStatus? Network { get; init; }

    /// <summary>The request's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? NoLabels; } = NoLabels;

    private static readonly Dictionary<string, string> NoLabels = [];
}

/// <summary>A page of sessions, newest first.</summary>
public sealed record SessionList
{
    /// <summary>The sessions of this page, without grants.</summary>
    public IReadOnlyList<SessionStatus> Sessions { get; init => field = value ?? []; } = [];

    /// <summary>What to give as <c>after</c> to get the next page; null on the last one.</summary>
    public string? Next { get; init; }
}
