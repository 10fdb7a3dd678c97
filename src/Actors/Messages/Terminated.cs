namespace GpuActors.Actors;

/// <summary>A watched actor has stopped; sent exactly once for each watch.</summary>
/// <param name="ActorRef">Who stopped.</param>
/// <param name="ExistenceConfirmed">False when nothing is known of the actor having existed.</param>
/// <param name="AddressTerminated">True when its whole node was given up.</param>
public sealed record Terminated(IActorRef ActorRef, bool ExistenceConfirmed, bool AddressTerminated)
    : IDeadLetterSuppression;
