namespace GpuActors.Actors;

/// <summary>
/// What remoting adds to an actor system. Refs that it creates derive from <see cref="InternalActorRef"/>: user
/// messages come through <c>Tell</c>; <see cref="Watch"/>, <see cref="Unwatch"/> and
/// <see cref="DeathWatchNotification"/> through <c>SendSystemMessage</c> and travel the same way. Messages from other
/// nodes are handed to <see cref="ActorRefProvider.Deliver"/>. When a node is given up, remoting sends each local
/// watcher of one of its actors a <see cref="DeathWatchNotification"/> with <c>AddressTerminated</c>, and each local
/// actor watched from there an <see cref="Unwatch"/>.
/// </summary>
internal interface IRemoteProvider
{
    /// <summary>This node as others address it.</summary>
    Address Address { get; }

    /// <summary>A ref for a path on another node, with its uid if the path has one.</summary>
    InternalActorRef CreateRef(ActorPath path);
}
