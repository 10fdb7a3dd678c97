namespace GpuActors.Shared.Api;

/// <summary>What one node has of a kind of entity.</summary>
public sealed record ShardRegionStatus
{
    /// <summary>The kind: <c>sessions</c>, <c>hosts</c>, <c>queues</c>, <c>cells</c>.</summary>
    public required string Region { get; init; }

    /// <summary>The node: <c>host:port</c>.</summary>
    public required string Node { get; init; }

    /// <summary>Shards that it owns and that run.</summary>
    public int Shards { get; init; }

    /// <summary>Entities that run in them.</summary>
    public long Entities { get; init; }

    /// <summary>False when the node did not answer in time, and the numbers are unknown.</summary>
    public bool Answered { get; init; }
}

/// <summary>Answer of <c>GET /v1/cluster/regions</c>.</summary>
public sealed record ShardRegionList
{
    /// <summary>By kind, then by node.</summary>
    public IReadOnlyList<ShardRegionStatus> Regions { get; init => field = value ?? []; } = [];
}

/// <summary>A shard that runs somewhere.</summary>
public sealed record ShardStatus
{
    /// <summary>Its number within its region.</summary>
    public required string Shard { get; init; }

    /// <summary>The node that owns it: <c>host:port</c>.</summary>
    public required string Node { get; init; }

    /// <summary>Entities that run in it.</summary>
    public long Entities { get; init; }
}

/// <summary>Answer of <c>GET /v1/cluster/regions/{region}/shards</c>.</summary>
public sealed record ShardList
{
    /// <summary>The kind of entity.</summary>
    public required string Region { get; init; }

    /// <summary>By number.</summary>
    public IReadOnlyList<ShardStatus> Shards { get; init => field = value ?? []; } = [];
}
