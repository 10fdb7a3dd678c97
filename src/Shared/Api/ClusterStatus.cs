using System.Text.Json.Serialization;

namespace GpuActors.Shared.Api;

/// <summary>Answer of <c>GET /v1/status</c>: the cluster in a few numbers.</summary>
public sealed record ClusterStatus
{
    /// <summary>Version of the scheduler that answered.</summary>
    public required string Version { get; init; }

    /// <summary>When that scheduler started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>That scheduler's clock.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Number of hosts in each state; a state without hosts may be missing.</summary>
    public IReadOnlyDictionary<HostState, int> Hosts { get; init => field = value ?? NoHosts; } = NoHosts;

    /// <summary>Number of jobs in each state; a state without jobs may be missing.</summary>
    public IReadOnlyDictionary<JobState, long> Jobs { get; init => field = value ?? NoJobs; } = NoJobs;

    /// <summary>Number of GPUs on hosts that are up.</summary>
    public int Gpus { get; init; }

    /// <summary>Number of slices owned.</summary>
    public int Slices { get; init; }

    /// <summary>Memory of GPUs on hosts that are up, in bytes.</summary>
    public long MemoryTotalBytes { get; init; }

    /// <summary>The part of it that no slice owns, in bytes.</summary>
    public long MemoryFreeBytes { get; init; }

    private static readonly Dictionary<HostState, int> NoHosts = [];
    private static readonly Dictionary<JobState, long> NoJobs = [];
}

/// <summary>Whether a scheduler can take work.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HealthState>))]
public enum HealthState
{
    /// <summary>Takes work; answered with 200.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Reads its journal; answered with 503.</summary>
    [JsonStringEnumMemberName("starting")]
    Starting,

    /// <summary>Shuts down; answered with 503.</summary>
    [JsonStringEnumMemberName("stopping")]
    Stopping,

    /// <summary>Cannot write its journal or lost its lease; answered with 503.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,
}

/// <summary>Answer of <c>GET /health</c>, which needs no ticket.</summary>
public sealed record Health
{
    /// <summary>Whether work is taken.</summary>
    public required HealthState Status { get; init; }

    /// <summary>Why not, as a sentence.</summary>
    public string? Detail { get; init; }
}
