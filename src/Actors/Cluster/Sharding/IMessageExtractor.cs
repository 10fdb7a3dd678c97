namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>Reads from a message for which entity it is, and from an entity's id to which shard it belongs.</summary>
public interface IMessageExtractor
{
    /// <summary>
    /// All shards that there are, or null if that is not known. Known shards have an owner at all times; others get one
    /// with their first message, so what they remember is not started before.
    /// </summary>
    IReadOnlyList<string>? ShardIds => null;

    /// <summary>The entity's id; null if the message is for no entity.</summary>
    string? EntityId(object message);

    /// <summary>What the entity is to receive.</summary>
    object EntityMessage(object message);

    /// <summary>The entity's shard; must never change in a cluster's life.</summary>
    string ShardId(string entityId, object? messageHint = null);
}
