namespace GpuActors.Actors;

/// <summary>Where messages end that reach no actor; each is published as a <see cref="DeadLetter"/>.</summary>
internal sealed class DeadLetterActorRef(ActorSystem system, ActorPath path) : InternalActorRef, IHasActorSystem
{
    public ActorSystem System => system;

    public override ActorPath Path => path;

    public override void Tell(object message, IActorRef? sender) => system.PublishDeadLetter(message, sender, this);

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is Watch watch)
        {
            InternalActorRef.From(watch.Watcher).SendSystemMessage(
                new DeathWatchNotification(watch.Watchee, ExistenceConfirmed: false, AddressTerminated: false));
        }
    }
}
