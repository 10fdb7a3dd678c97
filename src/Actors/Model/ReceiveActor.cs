namespace GpuActors.Actors;

/// <summary>
/// An actor that registers a handler for each type of message, in its constructor or in a method given to
/// <see cref="Become(Action)"/>. Handlers are tried in the order registered; the first that fits gets the message.
/// </summary>
public abstract class ReceiveActor : ActorBase
{
    private readonly HandlerTable _first = new();
    private HandlerTable? _configuring;

    protected ReceiveActor() => _configuring = _first;

    internal sealed override void OnConstructed() => _configuring = null;

    protected sealed override bool Receive(object message) => _first.Receive(this, message);

    /// <summary>Handles messages of type <typeparamref name="T"/> that fulfil the condition, if one is given.</summary>
    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        Add(shouldHandle is null ? ActionKind<T>.Instance : FunctionKind<T>.Instance, shouldHandle is null
            ? handler
            : (Func<T, bool>)(message =>
            {
                var handles = shouldHandle(message);
                if (handles)
                {
                    handler(message);
                }

                return handles;
            }));

    /// <inheritdoc cref="Receive{T}(Action{T}, Predicate{T})"/>
    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <summary>Handles messages of type <typeparamref name="T"/>; the handler says whether it did.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Add(FunctionKind<T>.Instance, handler);

    /// <summary>Handles every message.</summary>
    protected void ReceiveAny(Action<object> handler) => Add(ActionKind<object>.Instance, handler);

    /// <summary>
    /// Handles messages of type <typeparamref name="T"/> with a task; until it ends the actor processes no other
    /// message, and <c>Self</c>, <c>Sender</c> and <c>Context</c> stay what they are.
    /// </summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null)
    {
        if (shouldHandle is null)
        {
            Add(TaskKind<T>.Instance, handler);
            return;
        }

        Add(FunctionKind<T>.Instance, (Func<T, bool>)(message =>
        {
            var handles = shouldHandle(message);
            if (handles)
            {
                Cell.RunTask(handler, message);
            }

            return handles;
        }));
    }

    /// <summary>Handles every message with a task.</summary>
    protected void ReceiveAnyAsync(Func<object, Task> handler) => Add(TaskKind<object>.Instance, handler);

    /// <summary>Replaces the current behavior by the handlers that <paramref name="configure"/> registers.</summary>
    protected void Become(Action configure) => BecomeCore(Configure(configure), stacked: false);

    /// <summary>Puts the handlers that <paramref name="configure"/> registers over the current behavior.</summary>
    protected void BecomeStacked(Action configure) => BecomeCore(Configure(configure), stacked: true);

    private Receive Configure(Action configure)
    {
        var outer = _configuring;
        var table = new HandlerTable();
        _configuring = table;
        try
        {
            configure();
        }
        finally
        {
            _configuring = outer;
        }

        return message => table.Receive(this, message);
    }

    private void Add(HandlerKind kind, Delegate handler) => (_configuring ?? throw new InvalidOperationException(
        $"{GetType().Name} registers handlers outside of its constructor and of Become.")).Add(kind, handler);
}
