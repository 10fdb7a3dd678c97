namespace GpuActors.Actors.Persistence;

/// <summary>
/// An event-sourced actor that registers its handlers in the constructor: <see cref="Recover{T}(Action{T}, Predicate{T})"/>
/// for what is replayed, <see cref="Command{T}(Action{T}, Predicate{T})"/> for messages. Handlers are tried in the order
/// registered; the first that fits gets the message.
/// </summary>
public abstract class ReceivePersistentActor : Eventsourced
{
    private readonly HandlerTable _recovery = new();
    private readonly HandlerTable _first = new();
    private HandlerTable? _configuring;

    /// <summary>Registers nothing.</summary>
    protected ReceivePersistentActor() => _configuring = _first;

    /// <inheritdoc/>
    protected sealed override bool Receive(object message) => _first.Receive(this, message);

    /// <inheritdoc/>
    protected sealed override bool ReceiveRecover(object message) => _recovery.Receive(this, message);

    private protected sealed override void EndConfiguration() => _configuring = null;

    /// <summary>Applies replayed events of a type, <see cref="SnapshotOffer"/> or <see cref="RecoveryCompleted"/>.
    /// </summary>
    protected void Recover<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        Add(_recovery, handler, shouldHandle);

    /// <summary>Applies what is replayed; the handler says whether it did.</summary>
    protected void Recover<T>(Func<T, bool> handler) => _recovery.Add(FunctionKind<T>.Instance, handler);

    /// <summary>Applies everything replayed that no handler before took.</summary>
    protected void RecoverAny(Action<object> handler) => _recovery.Add(ActionKind<object>.Instance, handler);

    /// <summary>Handles messages of type <typeparamref name="T"/> that fulfil the condition, if one is given.</summary>
    protected void Command<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        Add(Commands, handler, shouldHandle);

    /// <inheritdoc cref="Command{T}(Action{T}, Predicate{T})"/>
    protected void Command<T>(Predicate<T> shouldHandle, Action<T> handler) => Command(handler, shouldHandle);

    /// <summary>Handles messages of type <typeparamref name="T"/>; the handler says whether it did.</summary>
    protected void Command<T>(Func<T, bool> handler) => Commands.Add(FunctionKind<T>.Instance, handler);

    /// <summary>
    /// Handles messages of type <typeparamref name="T"/> with a task; until it and what it persists have ended the
    /// actor processes no other message. What it persists goes to the store when the task has ended.
    /// </summary>
    protected void CommandAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null)
    {
        Task Run(T message) => RunCommandAsync(handler, message);
        if (shouldHandle is null)
            Commands.Add(TaskKind<T>.Instance, (Func<T, Task>)Run);
        else
            Commands.Add(FunctionKind<T>.Instance, (Func<T, bool>)(message =>
            {
                var handles = shouldHandle(message);
                if (handles)
                    Cell.RunTask(Run, message);
                return handles;
            }));
    }

    /// <summary>Handles every message.</summary>
    protected void CommandAny(Action<object> handler) => Commands.Add(ActionKind<object>.Instance, handler);

    /// <summary>Handles every message with a task; see <see cref="CommandAsync{T}"/>.</summary>
    protected void CommandAnyAsync(Func<object, Task> handler) => CommandAsync(handler);

    /// <summary>Replaces the command handlers by those that <paramref name="configure"/> registers.</summary>
    protected void Become(Action configure) => BecomeCore(Configure(configure), stacked: false);

    /// <summary>Puts the command handlers that <paramref name="configure"/> registers over the current ones.</summary>
    protected void BecomeStacked(Action configure) => BecomeCore(Configure(configure), stacked: true);

    private HandlerTable Commands => _configuring
        ?? throw new InvalidOperationException(
            $"{GetType().Name} registers handlers outside of its constructor and of Become.");

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

    private static void Add<T>(HandlerTable table, Action<T> handler, Predicate<T>? shouldHandle)
    {
        if (shouldHandle is null)
            table.Add(ActionKind<T>.Instance, handler);
        else
            table.Add(FunctionKind<T>.Instance, (Func<T, bool>)(message =>
            {
                var handles = shouldHandle(message);
                if (handles)
                    handler(message);
                return handles;
            }));
    }
}
