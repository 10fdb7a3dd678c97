namespace GpuActors.Shared.Api;

/// <summary>Answer of <c>GET /v1/queues</c>.</summary>
public sealed record QueueList
{
    /// <summary>The queues that the caller may use, those above before those below.</summary>
    public IReadOnlyList<QueueStatus> Queues { get; init => field = value ?? []; } = [];
}

/// <summary>One queue: what is kept for it and what it uses.</summary>
public sealed record QueueStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The queue that it is a part of; null: none.</summary>
    public string? Parent { get; init; }

    /// <summary>What is kept for it; null: nothing.</summary>
    public QueueAmountStatus? Quota { get; init; }

    /// <summary>The most that it may use; null: no limit.</summary>
    public QueueAmountStatus? Limit { get; init; }

    /// <summary>What its normal jobs use, and those of the queues below it.</summary>
    public required QueueAmountStatus Used { get; init; }

    /// <summary>How much of that is beyond its quota, so that others can take it back.</summary>
    public required QueueAmountStatus Borrowed { get; init; }

    /// <summary>What scavengers use, which counts for nothing.</summary>
    public required QueueAmountStatus Scavenged { get; init; }

    /// <summary>Jobs that hold GPUs.</summary>
    public int Running { get; init; }

    /// <summary>Jobs that wait.</summary>
    public int Waiting { get; init; }

    /// <summary>Its part among those of one parent.</summary>
    public double Weight { get; init; }

    /// <summary>What it uses of the pool, in percent of the resource of which it uses most.</summary>
    public double SharePercent { get; init; }

    /// <summary>Tenants that use it now; of tenants, only the one that asks is told.</summary>
    public IReadOnlyList<QueueTenantStatus> Tenants { get; init => field = value ?? []; } = [];
}

/// <summary>What one tenant has in one queue.</summary>
public sealed record QueueTenantStatus
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>What its normal jobs use.</summary>
    public required QueueAmountStatus Used { get; init; }

    /// <summary>What its scavengers use.</summary>
    public required QueueAmountStatus Scavenged { get; init; }

    /// <summary>Jobs that hold GPUs.</summary>
    public int Running { get; init; }

    /// <summary>Jobs that wait.</summary>
    public int Waiting { get; init; }

    /// <summary>What it uses of the pool, in percent of the resource of which it uses most.</summary>
    public double SharePercent { get; init; }
}

/// <summary>An amount of what is shared out; what is missing is not limited, or not counted.</summary>
public sealed record QueueAmountStatus
{
    /// <summary>GPUs; parts count as such.</summary>
    public double? Gpus { get; init; }

    /// <summary>Device memory.</summary>
    public long? GpuMemoryBytes { get; init; }

    /// <summary>Processors of hosts.</summary>
    public double? Cpus { get; init; }

    /// <summary>Memory of hosts.</summary>
    public long? HostMemoryBytes { get; init; }
}
