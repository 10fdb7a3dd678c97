namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>Asks a region for its shards and their entities; answered by <see cref="CurrentShardRegionState"/>.
/// </summary>
public sealed record GetShardRegionState;

/// <summary>The shards that a region owns.</summary>
public sealed record CurrentShardRegionState(IReadOnlyList<ShardState> Shards);

/// <summary>A shard and the entities that run in it.</summary>
public sealed record ShardState(string ShardId, IReadOnlyList<string> EntityIds);

/// <summary>Asks a region how many entities run in each of its shards; answered by <see cref="ShardRegionStats"/>.
/// </summary>
public sealed record GetShardRegionStats;

/// <summary>Entities by shard of one region.</summary>
public sealed record ShardRegionStats(IReadOnlyDictionary<string, int> Stats);

/// <summary>Asks a region for the statistics of all; answered by <see cref="ClusterShardingStats"/>.</summary>
/// <param name="Timeout">Regions that have not answered by then are left out.</param>
public sealed record GetClusterShardingStats(TimeSpan Timeout);

/// <summary>Statistics by the address of the node.</summary>
public sealed record ClusterShardingStats(IReadOnlyDictionary<Address, ShardRegionStats> Regions);

/// <summary>Asks a region which nodes have one that may own shards; answered by <see cref="CurrentRegions"/>.</summary>
public sealed record GetCurrentRegions;

/// <summary>Nodes whose regions may own shards.</summary>
public sealed record CurrentRegions(IReadOnlyList<Address> Regions);

/// <summary>Asks a region where an entity lives; answered by <see cref="EntityLocation"/>.</summary>
public sealed record GetEntityLocation(string EntityId);

/// <summary>Where an entity lives, or will when it gets a message.</summary>
/// <param name="EntityId">Which.</param>
/// <param name="ShardId">Its shard.</param>
/// <param name="ShardRegion">The node that owns the shard or, as far as the asked region knows, will; null while that is open.</param>
public sealed record EntityLocation(string EntityId, string ShardId, Address? ShardRegion);
