namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>What a region does with a shard.</summary>
internal enum ShardHold
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It has asked for it.</summary>
    Claiming,

    /// <summary>It owns it and its entities run.</summary>
    Running,

    /// <summary>It owns it, but this node may not act at present.</summary>
    Suspended,

    /// <summary>Its entities are being stopped so that another node can have it.</summary>
    HandingOver,

    /// <summary>They have stopped; it is being released.</summary>
    Releasing,
}

/// <summary>What a region should do about a shard now.</summary>
internal enum ShardStep
{
    Nothing,
    Claim,
    HandOver,

    /// <summary>The store says that this node owns it, but nothing runs here and another should have it.</summary>
    Release,

    /// <summary>Somebody else owns it: stop at once.</summary>
    Drop,
}

/// <summary>Where a message for a shard goes.</summary>
internal enum ShardRoute
{
    /// <summary>To the shard on this node.</summary>
    Local,

    /// <summary>To the node that owns the shard.</summary>
    Owner,

    /// <summary>To the node that will own it.</summary>
    Heir,

    /// <summary>Nowhere yet: it is kept.</summary>
    Keep,
}

/// <summary>What a region knows of a shard.</summary>
/// <param name="Hold">What it does with it.</param>
/// <param name="OwnerId">Its owner by the store; null if it is free.</param>
/// <param name="OwnerIsLiving">Whether the owner's lease holds.</param>
/// <param name="HeirId">The member that should own it; null if none can.</param>
internal readonly record struct ShardFacts(ShardHold Hold, string? OwnerId, bool OwnerIsLiving, string? HeirId);

/// <summary>The decisions of a region. Pure.</summary>
internal static class ShardDecision
{
    /// <summary>The next step with a shard.</summary>
    /// <param name="facts">What is known of it.</param>
    /// <param name="selfId">This node as a member.</param>
    /// <param name="isLeaving">Whether this node gives up everything.</param>
    public static ShardStep Next(in ShardFacts facts, string selfId, bool isLeaving)
    {
        var isOurs = facts.OwnerId == selfId;
        var isWanted = facts.HeirId == selfId && !isLeaving;
        return facts.Hold switch
        {
            ShardHold.Running when !isOurs => ShardStep.Drop,
            ShardHold.Running when !isWanted && (isLeaving || facts.HeirId is not null) => ShardStep.HandOver,
            ShardHold.None when isOurs => isWanted ? ShardStep.Claim : ShardStep.Release,
            ShardHold.None when isWanted && !facts.OwnerIsLiving => ShardStep.Claim,
            _ => ShardStep.Nothing,
        };
    }

    /// <summary>Where to send what comes for a shard. <paramref name="selfId"/> is null while this node is no member.
    /// </summary>
    public static ShardRoute RouteOf(in ShardFacts facts, string? selfId) => facts.Hold switch
    {
        ShardHold.Running => ShardRoute.Local,
        not ShardHold.None => ShardRoute.Keep,
        _ when facts.OwnerId is not null && facts.OwnerIsLiving && facts.OwnerId != selfId => ShardRoute.Owner,
        _ when facts.HeirId is not null && facts.HeirId != selfId => ShardRoute.Heir,
        _ => ShardRoute.Keep,
    };
}
