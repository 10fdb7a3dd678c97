namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>A message with the entity that it is for, where the message itself does not say.</summary>
public sealed record ShardingEnvelope(string EntityId, object Message);

/// <summary>
/// An entity asks its shard (its parent) to be stopped with <paramref name="StopMessage"/>. What arrives for it
/// meanwhile is kept and starts it again.
/// </summary>
public sealed record Passivate(object StopMessage);

/// <summary>A message on its way from region to region.</summary>
/// <param name="Message">As it was sent.</param>
/// <param name="Hops">How many regions have passed it on.</param>
internal sealed record ForwardedMessage(object Message, int Hops);

/// <summary>To the region of a sender whose message went astray: who owns the shard.</summary>
internal sealed record ShardHome(string Shard, long Epoch, string OwnerId) : IDeadLetterSuppression;

/// <summary>Is the region there again?</summary>
internal sealed record RegionProbe : IDeadLetterSuppression;

/// <summary>It is.</summary>
internal sealed record RegionProbeAck : IDeadLetterSuppression;

/// <summary>To a shard: stop all entities, then yourself.</summary>
internal sealed record HandOff(object StopMessage);

/// <summary>From a shard: all entities have stopped.</summary>
/// <param name="Returned">Messages that none of them has received, oldest first.</param>
internal sealed record ShardStopped(string Shard, IReadOnlyList<(object Message, IActorRef? Sender)> Returned);

/// <summary>To a shard: which entities run?</summary>
internal sealed class GetShardState
{
    public static GetShardState Instance { get; } = new();
}
