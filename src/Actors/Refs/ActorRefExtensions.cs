namespace GpuActors.Actors;

/// <summary>Ways to send that build on <see cref="ICanTell.Tell"/>.</summary>
public static class ActorRefExtensions
{
    /// <summary>Sends with the actor that is running on this thread, if any, as the sender.</summary>
    public static void Tell(this ICanTell receiver, object message) => receiver.Tell(message, ActorCell.Current);

    /// <summary>Sends on with the original sender. Only inside an actor.</summary>
    /// <exception cref="InvalidOperationException">No actor is running on this thread.</exception>
    public static void Forward(this ICanTell receiver, object message)
    {
        var cell = ActorCell.Current
            ?? throw new InvalidOperationException("Forward passes on the current sender; it needs a running actor.");
        receiver.Tell(message, cell.SenderOrNull);
    }

    /// <summary>Sends, and completes with the answer.</summary>
    /// <param name="receiver">Whom to ask; it answers to its <c>Sender</c>.</param>
    /// <param name="message">The question.</param>
    /// <param name="timeout">How long to wait; null takes <see cref="ActorSystemSettings.AskTimeout"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="AskTimeoutException">No answer in time.</exception>
    /// <exception cref="InvalidCastException">The answer is of another type.</exception>
    /// <remarks>A <see cref="Status.Failure"/> answer becomes its exception unless it is what was asked for.</remarks>
    public static Task<T> Ask<T>(this ICanTell receiver, object message, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        var system = SystemOf(receiver);
        return new FutureActorRef<T>(system).Ask(receiver, message, timeout, cancellationToken);
    }

    /// <inheritdoc cref="Ask{T}"/>
    public static Task<object> Ask(this ICanTell receiver, object message, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        receiver.Ask<object>(message, timeout, cancellationToken);

    /// <summary>
    /// Sends <paramref name="stopMessage"/> (<see cref="PoisonPill"/> by default) and completes when the actor has
    /// stopped.
    /// </summary>
    /// <exception cref="AskTimeoutException">It has not stopped in time.</exception>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object? stopMessage = null)
    {
        var stopped = target.WatchAsync(timeout);
        target.Tell(stopMessage ?? PoisonPill.Instance, ActorRefs.NoSender);
        return stopped.Then(static done =>
        {
            done.ThrowIfFailed();
            return true;
        });
    }

    /// <summary>Completes when the actor has stopped.</summary>
    /// <exception cref="AskTimeoutException">It has not stopped in time.</exception>
    public static Task<Terminated> WatchAsync(this IActorRef target, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        var watchee = InternalActorRef.From(target);
        return new FutureActorRef<Terminated>(SystemOf(target)).Watch(watchee, timeout, cancellationToken);
    }

    private static ActorSystem SystemOf(ICanTell receiver) => receiver switch
    {
        ActorCell cell => cell.System,
        ActorSelection selection => selection.System,
        IHasActorSystem owner => owner.System,
        _ => ActorCell.Current?.System ?? throw new ArgumentException(
            $"{receiver} belongs to no actor system, so it cannot be asked from outside an actor.", nameof(receiver)),
    };
}

/// <summary>A ref that knows its system: what <c>Ask</c> needs of refs that aren't local actors.</summary>
internal interface IHasActorSystem
{
    ActorSystem System { get; }
}
