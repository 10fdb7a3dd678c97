using System.Text.Json.Serialization;
using GpuActors.Actors.Serialization;

namespace GpuActors.Actors;

/// <summary>Anything that takes messages.</summary>
public interface ICanTell
{
    /// <summary>
    /// Hands over a message and returns at once; delivery is at most once, and messages from one sender to one
    /// receiver arrive in the order sent.
    /// </summary>
    void Tell(object message, IActorRef? sender);
}

/// <summary>
/// A handle to one incarnation of an actor, here or on another node. It stays valid over restarts; after the actor
/// stopped, messages go to dead letters.
/// </summary>
[JsonConverter(typeof(ActorRefJsonConverter))]
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>
{
    /// <summary>The actor's name, with its uid.</summary>
    ActorPath Path { get; }
}
