namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>What a region is made of.</summary>
internal sealed record RegionSpec
{
    public required string TypeName { get; init; }

    /// <summary>Path of the region on every node.</summary>
    public required string Path { get; init; }

    /// <summary>What the scopes of its shards begin with.</summary>
    public required string ScopePrefix { get; init; }

    /// <summary>Makes an entity from its id; null for a region that owns nothing.</summary>
    public required Func<string, Props>? EntityProps { get; init; }

    public required IMessageExtractor Extractor { get; init; }

    public required ClusterShardingSettings Settings { get; init; }

    /// <summary>Which of the members that may own a scope should.</summary>
    public required Func<string, IReadOnlyList<Member>, Member?> Heir { get; init; }

    /// <summary>What entities are told when their shard is handed over.</summary>
    public required object HandOffStopMessage { get; init; }

    public string ScopeOf(string shardId) => ScopePrefix + shardId;
}
