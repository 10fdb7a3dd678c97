namespace GpuActors.Actors;

/// <summary>What an actor may do and know. Valid only on the actor's own turns.</summary>
public interface IActorContext
{
    IActorRef Self { get; }

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    IActorRef Sender { get; }

    IActorRef Parent { get; }

    Props Props { get; }

    ActorSystem System { get; }

    TimeSpan? ReceiveTimeout { get; }

    /// <summary>Makes a child. Without a name it gets one that starts with <c>$</c>.</summary>
    /// <exception cref="InvalidActorNameException">The name is malformed or taken.</exception>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>A path, absolute, relative (<c>../sibling</c>) or with an address, to send to.</summary>
    ActorSelection ActorSelection(string path);

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    IReadOnlyCollection<IActorRef> GetChildren();

    /// <summary>Stops a child, oneself or another local actor after its current message.</summary>
    void Stop(IActorRef child);

    /// <summary>Asks for one <see cref="Terminated"/> when the subject stops.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>Asks for <paramref name="message"/> instead of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    IActorRef Unwatch(IActorRef subject);

    /// <summary>Asks for <see cref="Actors.ReceiveTimeout"/> whenever no message came for so long; null ends it.</summary>
    void SetReceiveTimeout(TimeSpan? timeout);

    void Become(Receive receive);

    void BecomeStacked(Receive receive);

    void UnbecomeStacked();
}
