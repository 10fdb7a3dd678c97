namespace GpuActors.Actors;

/// <summary>A path of this system at which no actor lives: messages become dead letters, a watcher is told at once.</summary>
internal sealed class EmptyLocalActorRef(ActorSystem system, ActorPath path) : InternalActorRef, IHasActorSystem
{
    public ActorSystem System => system;

    public override ActorPath Path => path;

    public override bool IsTerminated => true;

    public override void Tell(object message, IActorRef? sender)
    {
        if (message is Identify identify)
        {
            sender?.Tell(new ActorIdentity(identify.MessageId, null), this);
            return;
        }

        system.PublishDeadLetter(message, sender, this);
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is Watch watch)
        {
            InternalActorRef.From(watch.Watcher).SendSystemMessage(
                new DeathWatchNotification(watch.Watchee, ExistenceConfirmed: false, AddressTerminated: false));
        }
    }
}
