namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>
/// The entities of a scope that have something to do: a page of ids behind <paramref name="afterId"/> (null for the
/// first), in order; empty at the end.
/// </summary>
public delegate Task<IReadOnlyList<string>> RememberedEntities(string scope, string? afterId);

/// <summary>How one type of entities is sharded.</summary>
public sealed record ClusterShardingSettings
{
    /// <summary>Only members with this role own shards; null for all. Each of them must start the type.</summary>
    public string? Role { get; init; }

    /// <summary>The region's name below <c>/user</c>; null takes the type's. All nodes alike.</summary>
    public string? RegionName { get; init; }

    /// <summary>An entity without messages for so long is passivated; null for never.</summary>
    public TimeSpan? PassivateIdleAfter { get; init; }

    /// <summary>Entities to start whenever a shard gets a new owner; null for none.</summary>
    public RememberedEntities? RememberEntities { get; init; }

    /// <summary>Remembered entities that a shard starts at once.</summary>
    public int EntityStartBatch { get; init; } = 100;

    /// <summary>The pause between two such batches.</summary>
    public TimeSpan EntityStartInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause before an entity is started again that stopped without having been passivated.</summary>
    public TimeSpan EntityRestartPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Messages that a region keeps for shards without a living owner, and that a shard keeps for each entity
    /// that is being passivated. Further ones are dead letters.</summary>
    public int BufferSize { get; init; } = 100_000;

    /// <summary>How long a message is kept.</summary>
    public TimeSpan BufferTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the entities of a shard may take to stop when it is handed over.</summary>
    public TimeSpan HandOffTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Shards of this type that one node hands over at once.</summary>
    public int MaxHandOvers { get; init; } = 16;

    /// <summary>How often a message may be passed on from node to node before it waits for a newer view.</summary>
    public int MaxHops { get; init; } = 4;

    /// <summary>The defaults.</summary>
    public static ClusterShardingSettings Create(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new ClusterShardingSettings();
    }

    /// <summary>With another <see cref="Role"/>.</summary>
    public ClusterShardingSettings WithRole(string? role) => this with { Role = role };

    /// <summary>With <see cref="PassivateIdleAfter"/>.</summary>
    public ClusterShardingSettings WithPassivateIdleAfter(TimeSpan? idle) => this with { PassivateIdleAfter = idle };

    /// <summary>With <see cref="RememberEntities"/>.</summary>
    public ClusterShardingSettings WithRememberEntities(RememberedEntities entities) =>
        this with { RememberEntities = entities };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(EntityStartBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHandOvers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHops, 1);
        RequirePositive(EntityStartInterval, nameof(EntityStartInterval));
        RequirePositive(EntityRestartPause, nameof(EntityRestartPause));
        RequirePositive(BufferTimeout, nameof(BufferTimeout));
        RequirePositive(HandOffTimeout, nameof(HandOffTimeout));
        RequirePositive(PassivateIdleAfter ?? TimeSpan.MaxValue, nameof(PassivateIdleAfter));
    }

    private static void RequirePositive(TimeSpan value, string name) =>
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
}
