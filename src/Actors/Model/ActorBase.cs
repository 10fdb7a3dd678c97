namespace GpuActors.Actors;

/// <summary>Handles a message; false when it does not know it.</summary>
public delegate bool Receive(object message);

/// <summary>Handles a message.</summary>
public delegate void UntypedReceive(object message);

/// <summary>
/// An actor: state that only its own messages, one at a time, can change. Made by <see cref="Props"/>, never by hand.
/// </summary>
public abstract class ActorBase
{
    private Stack<Receive>? _behaviors;

    protected ActorBase()
    {
        Cell = ActorCell.Current is { Actor: null } cell
            ? cell
            : throw new InvalidOperationException(
                $"{GetType().Name} is an actor; make it with ActorOf(Props.Create<{GetType().Name}>()), not with new.");
    }

    internal ActorCell Cell { get; }

    protected IActorContext Context
    {
        get
        {
            Cell.AssertOnTurn();
            return Cell;
        }
    }

    protected IActorRef Self => Cell;

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    protected IActorRef Sender
    {
        get
        {
            Cell.AssertOnTurn();
            return Cell.Sender;
        }
    }

    /// <summary>Called when the constructor has returned.</summary>
    internal virtual void OnConstructed()
    {
    }

    internal SupervisorStrategy MakeSupervisorStrategy() => SupervisorStrategy();

    internal void ReceiveUnhandled(object message) => Unhandled(message);

    internal void BecomeCore(Receive receive, bool stacked)
    {
        Cell.AssertOnTurn();
        _behaviors ??= new Stack<Receive>();
        if (!stacked && _behaviors.Count > 0)
        {
            _behaviors.Pop();
        }

        _behaviors.Push(receive);
    }

    internal void UnbecomeCore()
    {
        Cell.AssertOnTurn();
        if (_behaviors?.Count > 0)
        {
            _behaviors.Pop();
        }
    }

    /// <summary>
    /// Gets every message first and passes it to the current behavior. For kinds of actors that look at messages
    /// before the application does, as persistent ones.
    /// </summary>
    /// <returns>False when the message was not handled.</returns>
    protected internal virtual bool AroundReceive(object message) =>
        _behaviors is { Count: > 0 } behaviors ? behaviors.Peek()(message) : Receive(message);

    protected internal virtual void AroundPreStart() => PreStart();

    protected internal virtual void AroundPreRestart(Exception reason, object? message) => PreRestart(reason, message);

    protected internal virtual void AroundPostRestart(Exception reason) => PostRestart(reason);

    protected internal virtual void AroundPostStop() => PostStop();

    /// <summary>The first behavior.</summary>
    protected abstract bool Receive(object message);

    /// <summary>Replaces the current behavior.</summary>
    protected void Become(Receive receive) => BecomeCore(receive, stacked: false);

    /// <summary>Puts a behavior over the current one.</summary>
    protected void BecomeStacked(Receive receive) => BecomeCore(receive, stacked: true);

    /// <summary>Takes the uppermost behavior away; the first one stays.</summary>
    protected void UnbecomeStacked() => UnbecomeCore();

    /// <inheritdoc cref="IActorContext.SetReceiveTimeout"/>
    protected void SetReceiveTimeout(TimeSpan? timeout) => Cell.SetReceiveTimeout(timeout);

    /// <summary>Runs a task during which the actor processes no other message.</summary>
    protected void RunTask(Func<Task> action) => Cell.RunTask(static run => run(), action);

    /// <summary>Publishes the message as unhandled; for an unhandled <see cref="Terminated"/> it throws.</summary>
    /// <exception cref="DeathPactException">A watched actor stopped and nobody handled that.</exception>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated { ActorRef: var dead })
        {
            throw new DeathPactException(dead);
        }

        Cell.System.EventStream.Publish(new UnhandledMessage(message, Cell.SenderOrNull, Cell));
    }

    /// <summary>How to decide on failed children.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.DefaultStrategy;

    /// <summary>After construction, before the first message.</summary>
    protected virtual void PreStart()
    {
    }

    /// <summary>After the last message; children have stopped.</summary>
    protected virtual void PostStop()
    {
    }

    /// <summary>On the failed instance, before it is replaced: stops the children and cleans up.</summary>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        foreach (var child in Cell.GetChildren())
        {
            Cell.Unwatch(child);
            Cell.Stop(child);
        }

        PostStop();
    }

    /// <summary>On the new instance, before it gets messages.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();
}
