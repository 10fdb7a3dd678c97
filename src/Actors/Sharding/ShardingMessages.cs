namespace GpuActors.Actors.Sharding;

/// <summary>A message with the entity that it is for, where the message itself does not say.</summary>
public sealed record ShardingEnvelope(string EntityId, object Message);

/// <summary>
/// An entity asks its region to be stopped with <paramref name="StopMessage"/>. What arrives for it meanwhile is kept
/// and starts it again.
/// </summary>
public sealed record Passivate(object StopMessage);
