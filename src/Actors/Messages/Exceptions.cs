namespace GpuActors.Actors;

/// <summary>Base of what the runtime throws itself.</summary>
public abstract class ActorException(string message, Exception? innerException = null)
    : Exception(message, innerException);

/// <summary>An actor's constructor or <c>PreStart</c> threw, or a restart did.</summary>
public sealed class ActorInitializationException(string message, Exception? innerException = null)
    : ActorException(message, innerException);

/// <summary>An actor received <see cref="Kill"/>.</summary>
public sealed class ActorKilledException(string message) : ActorException(message);

/// <summary>A watched actor stopped and the watcher did not handle <see cref="Terminated"/>.</summary>
public sealed class DeathPactException(IActorRef deadActor)
    : ActorException($"Monitored actor {deadActor} terminated and its Terminated message was not handled.")
{
    /// <summary>Who stopped.</summary>
    public IActorRef DeadActor => deadActor;
}

/// <summary>A child's name is malformed or taken.</summary>
public sealed class InvalidActorNameException(string message) : ActorException(message);

/// <summary>No actor answers at a selection's path.</summary>
public sealed class ActorNotFoundException(string message, Exception? innerException = null)
    : ActorException(message, innerException);

/// <summary>The stash is full; the message that did not fit became a dead letter.</summary>
public sealed class StashOverflowException(string message) : ActorException(message);

/// <summary>An Ask was not answered in time.</summary>
public sealed class AskTimeoutException(string message) : TimeoutException(message);

/// <summary>A failure that another node reported: its type's name and message.</summary>
public sealed class RemoteFailureException(string typeName, string message)
    : ActorException($"{typeName}: {message}")
{
    /// <summary>Full name of the original exception's type.</summary>
    public string TypeName => typeName;

    /// <summary>The original message.</summary>
    public string OriginalMessage => message;
}
